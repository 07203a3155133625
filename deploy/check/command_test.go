package check_test

import (
	"encoding/json"
	"reflect"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// commands is the overlay that runs a command where no replica does.
func commands(t *testing.T) (example, command cluster) {
	t.Helper()
	return build(t, "example"), build(t, "command")
}

// TestCommandIsTheReplicas: it runs once, as the replicas do but for what serving
// needs, and with configuration and secrets of the same names.
func TestCommandIsTheReplicas(t *testing.T) {
	example, command := commands(t)
	want := example.deployment.Spec.Template.Spec
	want.RestartPolicy = corev1.RestartPolicyNever
	want.TopologySpreadConstraints = nil
	container := &want.Containers[0]
	container.Args = []string{"verify", "--repair"}
	container.Ports, container.StartupProbe, container.LivenessProbe, container.ReadinessProbe = nil, nil, nil, nil
	if got := command.job.Spec.Template.Spec; !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%s\nwant\n%s", indented(t, got), indented(t, want))
	}
	if again := command.job.Spec.BackoffLimit; again == nil || *again != 0 {
		t.Error("it is repeated")
	}
	if out, err := run(t, t.TempDir(), nil, portico(t), append(container.Args, "--help")...); err != nil {
		t.Errorf("portico %v: %s", container.Args, out)
	}
}

func indented(t *testing.T, v any) string {
	t.Helper()
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestCommandIsApart: the example has no Job, and who applies the command's
// overlay changes nothing but the Job.
func TestCommandIsApart(t *testing.T) {
	example, command := commands(t)
	if example.job.Name != "" {
		t.Errorf("the example starts %s", example.job.Name)
	}
	for kind, name := range map[string]string{
		"Deployment": command.deployment.Name, "Service": command.service.Name, "PodDisruptionBudget": command.budget.Name,
		"HorizontalPodAutoscaler": command.autoscaler.Name, "Ingress": command.ingress.Name,
		"SpiceDBCluster": command.spicedb.Metadata.Name, "PodMonitor": command.monitor.Metadata.Name, "PrometheusRule": command.rules.Metadata.Name,
	} {
		if name != "" {
			t.Errorf("it brings the %s %s, which it doesn't need", kind, name)
		}
	}
	if len(command.certificate) > 0 {
		t.Errorf("it brings %d certificates, which it doesn't need", len(command.certificate))
	}
	if !reflect.DeepEqual(command.account, example.account) || !reflect.DeepEqual(command.policies, example.policies) ||
		!reflect.DeepEqual(command.configMaps, example.configMaps) || !reflect.DeepEqual(command.secrets, example.secrets) {
		t.Error("what it needs isn't as the example has it")
	}
}

// TestCommandIsNoReplica: nothing that is about replicas takes the command's pod for
// one, and it may reach what they may.
func TestCommandIsNoReplica(t *testing.T) {
	example, command := commands(t)
	replica, job := example.deployment.Spec.Template.Labels, command.job.Spec.Template.Labels
	for name, selector := range map[string]*metav1.LabelSelector{
		"deployment": example.deployment.Spec.Selector,
		"budget":     example.budget.Spec.Selector,
		"service":    {MatchLabels: example.service.Spec.Selector},
		"monitor":    {MatchLabels: example.monitor.Spec.Selector.MatchLabels},
	} {
		if selects(t, selector, job) {
			t.Errorf("the %s takes it for a replica", name)
		}
	}
	for _, policy := range example.policies {
		for _, pods := range podsOf(policy) {
			if selects(t, pods, replica) != selects(t, pods, job) {
				t.Errorf("the policy %s treats it otherwise than the replicas: %v", policy.Name, pods.MatchLabels)
			}
		}
	}
}

// podsOf are the selectors of whom the policy is for, and of whom it lets in.
func podsOf(policy networkingv1.NetworkPolicy) []*metav1.LabelSelector {
	list := []*metav1.LabelSelector{&policy.Spec.PodSelector}
	for _, rule := range policy.Spec.Ingress {
		for _, from := range rule.From {
			if from.PodSelector != nil {
				list = append(list, from.PodSelector)
			}
		}
	}
	return list
}
