package check_test

import (
	"slices"
	"testing"

	networkingv1 "k8s.io/api/networking/v1"
)

// policies are those that apply to Portico's replicas.
func (c *cluster) policiesOfPortico(t *testing.T) (list []networkingv1.NetworkPolicySpec) {
	t.Helper()
	for _, policy := range c.policies {
		if selects(t, &policy.Spec.PodSelector, c.deployment.Spec.Template.Labels) {
			list = append(list, policy.Spec)
		}
	}
	return list
}

func TestPoliciesHaveNames(t *testing.T) {
	eachOverlay(t, func(t *testing.T, c cluster) {
		names := map[string]bool{}
		for _, policy := range c.policies {
			if names[policy.Name] {
				t.Errorf("two policies are called %s", policy.Name)
			}
			names[policy.Name] = true
		}
	})
}

func TestWhoReachesPortico(t *testing.T) {
	eachOverlay(t, func(t *testing.T, c cluster) {
		var in []string
		for _, policy := range c.policiesOfPortico(t) {
			for _, rule := range policy.Ingress {
				in = append(in, namespaces(rule)...)
			}
		}
		if want := []string{"ingress-nginx:http", "monitoring:http"}; !slices.Equal(in, want) {
			t.Errorf("these may ask: %v, want %v", in, want)
		}
	})
}

// namespaces are those that a rule lets in, each with the port.
func namespaces(rule networkingv1.NetworkPolicyIngressRule) (list []string) {
	for _, from := range rule.From {
		name := "anybody"
		if from.NamespaceSelector != nil {
			name = from.NamespaceSelector.MatchLabels["kubernetes.io/metadata.name"]
		}
		for _, port := range rule.Ports {
			list = append(list, name+":"+port.Port.String())
		}
	}
	return list
}

// TestWhatPorticoReaches: no more than it is configured to speak to, and nothing
// of it anywhere.
func TestWhatPorticoReaches(t *testing.T) {
	want := []string{
		"26379", // Sentinel
		"443",   // OIDC
		"50051", // SpiceDB
		"53",    // names
		"5432",  // PostgreSQL
		"587",   // SMTP
		"6379",  // Redis
	}
	eachOverlay(t, func(t *testing.T, c cluster) {
		var out []string
		for _, policy := range c.policiesOfPortico(t) {
			for _, rule := range policy.Egress {
				if len(rule.To) == 0 {
					t.Errorf("anybody may be reached: %+v", rule)
				}
				for _, port := range rule.Ports {
					out = append(out, port.Port.String())
				}
			}
		}
		slices.Sort(out)
		if out = slices.Compact(out); !slices.Equal(out, want) {
			t.Errorf("it may reach %v, want %v", out, want)
		}
	})
}
