{{- define "metric-ai.selectorLabels" -}}
app.kubernetes.io/name: {{ .Values.fullname }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "metric-ai.labels" -}}
{{ include "metric-ai.selectorLabels" . }}
app.kubernetes.io/component: agent
app.kubernetes.io/part-of: metric-ai
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "metric-ai.serviceAccount" -}}
{{ .Values.serviceAccount.name | default .Values.fullname }}
{{- end }}

{{- define "metric-ai.claim" -}}
{{ .Values.state.file.existingClaim | default .Values.fullname }}
{{- end }}

{{/* A ClusterRole's binding: one for all namespaces, or one in each. Takes root, name, role, account. */}}
{{- define "metric-ai.bindings" -}}
{{- $root := .root }}
{{- $kind := ternary "ClusterRoleBinding" "RoleBinding" $root.Values.rbac.clusterWide }}
{{- $names := ternary (list "") $root.Values.rbac.namespaces $root.Values.rbac.clusterWide }}
{{- range $namespace := $names }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ $kind }}
metadata:
  name: {{ $.name }}
  {{- with $namespace }}
  namespace: {{ . }}
  {{- end }}
  labels:
    {{- include "metric-ai.labels" $root | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: {{ $.name }}
subjects:
  - kind: ServiceAccount
    name: {{ $.account }}
    namespace: {{ $.accountNamespace }}
{{- end }}
{{- end }}
