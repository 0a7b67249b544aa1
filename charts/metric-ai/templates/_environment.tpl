{{- define "metric-ai.environment" -}}
{{- $names := ternary "*" (join "," .Values.rbac.namespaces) .Values.rbac.clusterWide }}
- name: CANARY_AGENT_HOST
  value: 0.0.0.0
- name: CANARY_AGENT_PORT
  value: "8080"
- name: CANARY_AGENT_ALLOWED_NAMESPACES
  value: {{ $names | quote }}
- name: CANARY_AGENT_TOKEN_FILE
  value: /etc/canary-agent/token
{{- if eq .Values.state.type "file" }}
- name: CANARY_AGENT_STATE
  value: /var/lib/canary-agent/agent.sqlite
{{- else }}
- name: CANARY_AGENT_STATE_URL_FILE
  value: /etc/canary-agent-state/url
{{- end }}
{{- range $name, $value := .Values.settings }}
{{- if not (or (kindIs "invalid" $value) (eq (toString $value) "")) }}
- name: CANARY_AGENT_{{ $name | snakecase | upper }}
  {{- /* Numbers of a values file are floats; toString would write the large ones as 1e+06. */}}
  value: {{ (kindIs "float64" $value | ternary (toJson $value) (toString $value)) | quote }}
{{- end }}
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "metric-ai.mounts" -}}
- name: token
  mountPath: /etc/canary-agent
  readOnly: true
- name: tmp
  mountPath: /tmp
{{- if eq .Values.state.type "file" }}
- name: state
  mountPath: /var/lib/canary-agent
{{- else }}
- name: state-url
  mountPath: /etc/canary-agent-state
  readOnly: true
{{- end }}
{{- end }}

{{- define "metric-ai.volumes" -}}
- name: token
  secret:
    secretName: {{ .Values.token.existingSecret }}
    defaultMode: 0440
    items:
      - key: {{ .Values.token.key }}
        path: token
- name: tmp
  emptyDir:
    sizeLimit: 64Mi
{{- if eq .Values.state.type "file" }}
- name: state
  persistentVolumeClaim:
    claimName: {{ include "metric-ai.claim" . }}
{{- else }}
- name: state-url
  secret:
    secretName: {{ .Values.state.postgresql.existingSecret }}
    defaultMode: 0440
    items:
      - key: {{ .Values.state.postgresql.key }}
        path: url
{{- end }}
{{- end }}
