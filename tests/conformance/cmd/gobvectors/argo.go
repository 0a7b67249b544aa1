package main

import (
	"encoding/json"
	"fmt"
	"net/rpc"
	"reflect"
	"strings"
	"time"

	argo "github.com/argoproj/argo-rollouts/metricproviders/plugin/rpc"
	"github.com/argoproj/argo-rollouts/pkg/apis/rollouts/v1alpha1"
	"github.com/argoproj/argo-rollouts/utils/plugin/types"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	k8stypes "k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
)

func init() {
	// Registered by argo-rollouts itself.
	registered[reflect.TypeFor[argo.RunArgs]()] = "RunArgs"
	registered[reflect.TypeFor[argo.TerminateAndResumeArgs]()] = "TerminateAndResumeArgs"
	registered[reflect.TypeFor[argo.GarbageCollectArgs]()] = "GarbageCollectArgs"
	registered[reflect.TypeFor[argo.GetMetadataArgs]()] = "GetMetadataArgs"
}

// argoStreams are what the controller and a metric plugin write on one connection: net/rpc headers and bodies.
func argoStreams() []fixedStream {
	run, metric := analysisRun(), metric()
	measurement := run.Status.MetricResults[0].Measurements[1]
	return []fixedStream{
		{"argo requests", []any{
			&rpc.Request{ServiceMethod: "Plugin.InitPlugin", Seq: 0}, new(any),
			&rpc.Request{ServiceMethod: "Plugin.Type", Seq: 1}, new(any),
			&rpc.Request{ServiceMethod: "Plugin.Run", Seq: 2}, asAny(argo.RunArgs{AnalysisRun: run, Metric: metric}),
			&rpc.Request{ServiceMethod: "Plugin.Resume", Seq: 3},
			asAny(argo.TerminateAndResumeArgs{AnalysisRun: &v1alpha1.AnalysisRun{}, Metric: metric, Measurement: measurement}),
			&rpc.Request{ServiceMethod: "Plugin.GarbageCollect", Seq: 4},
			asAny(argo.GarbageCollectArgs{AnalysisRun: &v1alpha1.AnalysisRun{}, Metric: metric, Limit: 10}),
			&rpc.Request{ServiceMethod: "Plugin.GetMetadata", Seq: 5}, asAny(argo.GetMetadataArgs{Metric: metric}),
		}},
		{"argo replies", []any{
			&rpc.Response{ServiceMethod: "Plugin.InitPlugin", Seq: 0}, &types.RpcError{},
			&rpc.Response{ServiceMethod: "Plugin.Type", Seq: 1}, pointer("MetricAI"),
			&rpc.Response{ServiceMethod: "Plugin.Run", Seq: 2}, &measurement,
			&rpc.Response{ServiceMethod: "Plugin.Resume", Seq: 3, Error: "RuntimeError: no"}, &struct{}{},
			&rpc.Response{ServiceMethod: "Plugin.GarbageCollect", Seq: 4}, &types.RpcError{ErrorString: "no such run"},
			&rpc.Response{ServiceMethod: "Plugin.GetMetadata", Seq: 5}, pointer(map[string]string{"agent": "http://agent:8080"}),
			&rpc.Response{ServiceMethod: "Control.Ping", Seq: 6}, pointer(true),
		}},
	}
}

func metric() v1alpha1.Metric {
	return v1alpha1.Metric{
		Name: "canary-analysis", InitialDelay: "30s", Interval: "1m", Count: pointer(intstr.FromInt32(3)), FailureLimit: pointer(intstr.FromInt32(0)),
		SuccessCondition: "result.verdict == 'promote' && result.confidence >= 60", FailureCondition: "result.verdict == 'rollback'",
		Provider: v1alpha1.MetricProvider{Plugin: map[string]json.RawMessage{"argoproj-labs/metric-ai": json.RawMessage(
			`{"agentUrl":"http://canary-agent.argo-rollouts.svc:8080","stableLabel":"app=shop,role=stable","canaryLabel":"app=shop,role=canary",` +
				`"githubUrl":"https://github.com/example/shop","baseBranch":"main","extraPrompt":"Ignore the cache warm-up.","attachLogs":false}`)}},
	}
}

func analysisRun() *v1alpha1.AnalysisRun {
	created := metav1.NewTime(time.Date(2024, 5, 17, 8, 30, 15, 0, time.UTC))
	run := &v1alpha1.AnalysisRun{
		TypeMeta: metav1.TypeMeta{Kind: "AnalysisRun", APIVersion: "argoproj.io/v1alpha1"},
		ObjectMeta: metav1.ObjectMeta{
			Name: "shop-7d9c5b8f66-4-2", Namespace: "shop", UID: k8stypes.UID("6f1c8a52-6a0e-4a4b-9d6e-0f3a52b1c001"), ResourceVersion: "184467",
			Generation: 4, CreationTimestamp: created,
			Labels:      map[string]string{"app": "shop", "rollout-type": "Step", "rollouts-pod-template-hash": "7d9c5b8f66", "step-index": "2"},
			Annotations: map[string]string{"rollout.argoproj.io/revision": "4"},
			OwnerReferences: []metav1.OwnerReference{{APIVersion: "argoproj.io/v1alpha1", Kind: "Rollout", Name: "shop",
				UID: "0b0a6f9e-2a5c-4b7e-8f33-8f2f9be1a777", Controller: pointer(true), BlockOwnerDeletion: pointer(true)}},
			ManagedFields: []metav1.ManagedFieldsEntry{{Manager: "rollouts-controller", Operation: metav1.ManagedFieldsOperationUpdate,
				APIVersion: "argoproj.io/v1alpha1", Time: &created, FieldsType: "FieldsV1",
				FieldsV1: &metav1.FieldsV1{Raw: []byte(`{"f:metadata":{"f:labels":{".":{},"f:app":{}}},"f:spec":{".":{},"f:metrics":{}}}`)}}},
		},
		Spec: v1alpha1.AnalysisRunSpec{
			Metrics: []v1alpha1.Metric{metric(), {Name: "error-rate", Interval: "30s", Count: pointer(intstr.FromString("10")),
				SuccessCondition: "len(result) > 0 && result[0] < 0.05", Provider: v1alpha1.MetricProvider{Prometheus: &v1alpha1.PrometheusMetric{
					Address: "http://prometheus:9090", Timeout: pointer(int64(20)), Headers: []v1alpha1.WebMetricHeader{{Key: "X-Scope", Value: "shop"}},
					Query: `sum(rate(http_requests_total{app="shop",code=~"5.."}[1m])) / sum(rate(http_requests_total{app="shop"}[1m]))`}}}},
			Args: []v1alpha1.Argument{{Name: "service", Value: pointer("shop-canary")}, {Name: "token", ValueFrom: &v1alpha1.ValueFrom{
				SecretKeyRef: &v1alpha1.SecretKeyRef{Name: "agent", Key: "token"}}}, {Name: "empty", Value: pointer("")}},
			DryRun:               []v1alpha1.DryRun{{MetricName: "error-.*"}},
			MeasurementRetention: []v1alpha1.MeasurementRetention{{MetricName: ".*", Limit: 12}},
			TTLStrategy:          &v1alpha1.TTLStrategy{SecondsAfterCompletion: pointer(int32(3600)), SecondsAfterFailure: pointer(int32(0))},
		},
	}
	run.Status = status(created)
	return run
}

func status(created metav1.Time) v1alpha1.AnalysisRunStatus {
	result := v1alpha1.MetricResult{Name: "canary-analysis", Phase: v1alpha1.AnalysisPhaseRunning, Count: 2, Successful: 2,
		Metadata: map[string]string{"agent": "http://canary-agent.argo-rollouts.svc:8080"}}
	for i := range 4 {
		started := metav1.NewTime(created.Add(time.Duration(i) * time.Minute))
		finished := metav1.NewTime(started.Add(12 * time.Second))
		measurement := v1alpha1.Measurement{Phase: v1alpha1.AnalysisPhaseSuccessful, StartedAt: &started, FinishedAt: &finished, Value: `{"verdict":"promote","confidence":87}`,
			Message:  "promote, confidence 87: no new error signature in 4,112 canary lines",
			Metadata: map[string]string{"taskId": fmt.Sprintf("task-%d", i), "summary": strings.Repeat("The canary behaves as the stable version does. ", 4)}}
		if i == 3 {
			measurement.Phase, measurement.FinishedAt, measurement.ResumeAt = v1alpha1.AnalysisPhaseRunning, nil, &finished
		}
		result.Measurements = append(result.Measurements, measurement)
	}
	return v1alpha1.AnalysisRunStatus{Phase: v1alpha1.AnalysisPhaseRunning, MetricResults: []v1alpha1.MetricResult{result}, StartedAt: &created,
		RunSummary: v1alpha1.RunSummary{Count: 2, Successful: 1}}
}
