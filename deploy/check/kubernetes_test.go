package check_test

import (
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// environment is what Portico's container has; values from Secrets are words.
func environment(c cluster) map[string]string {
	env := map[string]string{}
	for _, e := range c.deployment.Spec.Template.Spec.Containers[0].Env {
		env[e.Name] = e.Value
		if e.ValueFrom != nil && e.ValueFrom.SecretKeyRef != nil {
			ref := e.ValueFrom.SecretKeyRef
			env[e.Name] = string(c.secrets[ref.Name].Data[ref.Key])
		}
	}
	return env
}

// configuration is portico.yaml as the container sees it.
func configuration(t *testing.T, c cluster) string {
	t.Helper()
	file := environment(c)["PORTICO_CONFIG"]
	pod := c.deployment.Spec.Template.Spec
	for _, mount := range pod.Containers[0].VolumeMounts {
		if mount.MountPath != path.Dir(file) {
			continue
		}
		for _, volume := range pod.Volumes {
			if volume.Name == mount.Name && volume.ConfigMap != nil {
				return c.configMaps[volume.ConfigMap.Name].Data[path.Base(file)]
			}
		}
	}
	t.Fatalf("no ConfigMap is mounted at %s", file)
	return ""
}

func TestKubernetesConfiguration(t *testing.T) {
	eachOverlay(t, func(t *testing.T, c cluster) {
		checkConfig(t, configuration(t, c), environment(c))
	})
}

func TestKubernetesShutdown(t *testing.T) {
	eachOverlay(t, func(t *testing.T, c cluster) {
		keys := flatten(t, configuration(t, c))
		delay, timeout := duration(t, keys["shutdown_delay"]), duration(t, keys["shutdown_timeout"])
		grace := time.Duration(*c.deployment.Spec.Template.Spec.TerminationGracePeriodSeconds) * time.Second
		if grace < delay+timeout+5*time.Second {
			t.Errorf("killed after %s, and it takes %s + %s", grace, delay, timeout)
		}
		probe := c.deployment.Spec.Template.Spec.Containers[0].ReadinessProbe
		if noticed := time.Duration(probe.PeriodSeconds*probe.FailureThreshold) * time.Second; noticed >= delay {
			t.Errorf("that it ends is noticed after %s, and connections are refused after %s", noticed, delay)
		}
	})
}

func TestKubernetesPorts(t *testing.T) {
	eachOverlay(t, func(t *testing.T, c cluster) {
		container := c.deployment.Spec.Template.Spec.Containers[0]
		port := container.Ports[0]
		_, listen, _ := strings.Cut(flatten(t, configuration(t, c))["listen"], ":")
		if got := strconv.Itoa(int(port.ContainerPort)); got != listen {
			t.Errorf("it listens on %s, and the container's port is %s", listen, got)
		}
		if target := c.service.Spec.Ports[0].TargetPort.String(); target != port.Name {
			t.Errorf("the service leads to %s, and the port is %s", target, port.Name)
		}
		probes := map[string]*corev1.Probe{"/livez": container.LivenessProbe, "/readyz": container.ReadinessProbe}
		for want, probe := range probes {
			if probe == nil || probe.HTTPGet.Path != want || probe.HTTPGet.Port.String() != port.Name {
				t.Errorf("no probe asks %s on %s", want, port.Name)
			}
		}
		if container.StartupProbe.HTTPGet.Path != "/livez" {
			t.Errorf("the start is over when %s says so", container.StartupProbe.HTTPGet.Path)
		}
	})
}

func TestKubernetesIngress(t *testing.T) {
	eachOverlay(t, func(t *testing.T, c cluster) {
		for _, p := range c.ingress.Spec.Rules[0].HTTP.Paths {
			backend := p.Backend.Service
			if backend.Name != c.service.Name || backend.Port.Name != c.service.Spec.Ports[0].Name {
				t.Errorf("%s leads to %s:%s", p.Path, backend.Name, backend.Port.Name)
			}
			if p.Path == "/" || p.Path == "/metrics" {
				t.Errorf("%s shows the metrics to everybody", p.Path)
			}
		}
	})
}

func TestKubernetesSelectors(t *testing.T) {
	eachOverlay(t, func(t *testing.T, c cluster) {
		selectors := map[string]*metav1.LabelSelector{
			"deployment": c.deployment.Spec.Selector,
			"budget":     c.budget.Spec.Selector,
			"service":    {MatchLabels: c.service.Spec.Selector},
		}
		for i, spread := range c.deployment.Spec.Template.Spec.TopologySpreadConstraints {
			selectors["spread "+strconv.Itoa(i)] = spread.LabelSelector
		}
		for name, selector := range selectors {
			if selector == nil || len(selector.MatchLabels) == 0 {
				t.Errorf("the %s's selector is empty", name)
			} else if !selects(t, selector, c.deployment.Spec.Template.Labels) {
				t.Errorf("the %s's selector %v doesn't match the replicas", name, selector.MatchLabels)
			}
		}
		if len(selectors) != 5 {
			t.Errorf("the replicas aren't spread over zones and machines: %v", selectors)
		}
	})
}

// selects reports whether the selector matches a pod.
func selects(t *testing.T, s *metav1.LabelSelector, pod labels.Set) bool {
	t.Helper()
	selector, err := metav1.LabelSelectorAsSelector(s)
	if err != nil {
		t.Fatal(err)
	}
	return selector.Matches(pod)
}

func TestKubernetesReplicas(t *testing.T) {
	eachOverlay(t, func(t *testing.T, c cluster) {
		scaler := c.autoscaler.Spec
		if c.deployment.Spec.Replicas != nil {
			t.Errorf("an apply would set %d replicas, whatever the autoscaler says", *c.deployment.Spec.Replicas)
		}
		if scaler.ScaleTargetRef.Name != c.deployment.Name || scaler.ScaleTargetRef.Kind != "Deployment" {
			t.Errorf("it scales %+v", scaler.ScaleTargetRef)
		}
		if least := int(*scaler.MinReplicas); c.budget.Spec.MaxUnavailable.IntValue() >= least || least < 2 {
			t.Errorf("of %d replicas %s may be taken away", least, c.budget.Spec.MaxUnavailable)
		}
		if c.deployment.Spec.Template.Spec.Containers[0].Resources.Requests.Cpu().IsZero() {
			t.Error("a part of nothing is asked of the CPU")
		}
	})
}

// TestKubernetesRestricted checks the profile "restricted" of Kubernetes' pod
// security standards, and what is stricter here.
func TestKubernetesRestricted(t *testing.T) {
	eachOverlay(t, func(t *testing.T, c cluster) {
		pod := c.deployment.Spec.Template.Spec
		container := pod.Containers[0]
		s := container.SecurityContext
		holds := map[string]bool{
			"not root":           *pod.SecurityContext.RunAsNonRoot && *pod.SecurityContext.RunAsUser == 65532,
			"seccomp":            pod.SecurityContext.SeccompProfile.Type == corev1.SeccompProfileTypeRuntimeDefault,
			"no escalation":      !*s.AllowPrivilegeEscalation,
			"no capabilities":    slices.Equal(s.Capabilities.Drop, []corev1.Capability{"ALL"}) && s.Capabilities.Add == nil,
			"read-only root":     *s.ReadOnlyRootFilesystem,
			"no account token":   !*pod.AutomountServiceAccountToken && !*c.account.AutomountServiceAccountToken,
			"no service links":   !*pod.EnableServiceLinks,
			"host left alone":    !pod.HostNetwork && !pod.HostPID && !pod.HostIPC,
			"one container":      len(pod.Containers) == 1 && len(pod.InitContainers) == 0,
			"memory limit":       !container.Resources.Limits.Memory().IsZero(),
			"pinned image":       pinned.MatchString(container.Image),
			"nothing writeable":  !slices.ContainsFunc(container.VolumeMounts, func(m corev1.VolumeMount) bool { return !m.ReadOnly }),
			"rolls without gaps": c.deployment.Spec.Strategy.RollingUpdate.MaxUnavailable.IntValue() == 0,
		}
		for what, ok := range holds {
			if !ok {
				t.Errorf("it isn't so: %s", what)
			}
		}
	})
}
