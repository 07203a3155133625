package check_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// overlays are what somebody may apply, besides that of a command.
var overlays = []string{"example", "cockroachdb"}

// cluster is what an overlay puts into a namespace.
type cluster struct {
	deployment  appsv1.Deployment
	job         batchv1.Job
	service     corev1.Service
	account     corev1.ServiceAccount
	budget      policyv1.PodDisruptionBudget
	autoscaler  autoscalingv2.HorizontalPodAutoscaler
	ingress     networkingv1.Ingress
	policies    []networkingv1.NetworkPolicy
	configMaps  map[string]corev1.ConfigMap
	secrets     map[string]corev1.Secret
	spicedb     spicedbCluster
	certificate map[string]certificate // by the Secret that it makes
	monitor     podMonitor
	rules       prometheusRule
}

// copied returns a copy of the folder in which the .example files have been
// renamed to what they are examples of.
func copied(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.CopyFS(folder, os.DirFS(filepath.Join(deploy, "kubernetes"))); err != nil {
		t.Fatal(err)
	}
	examples, err := filepath.Glob(filepath.Join(folder, "overlays", "*", "*.example"))
	if err != nil || len(examples) == 0 {
		t.Fatalf("no example files: %v", err)
	}
	for _, name := range examples {
		if err := os.Rename(name, strings.TrimSuffix(name, ".example")); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// build makes what an overlay puts into a cluster.
func build(t *testing.T, overlay string) cluster {
	t.Helper()
	// As kubectl apply -k does it: no plugins, nothing from outside the folder.
	resources, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).
		Run(filesys.MakeFsOnDisk(), filepath.Join(copied(t), "overlays", overlay))
	if err != nil {
		t.Fatal(err)
	}
	c := cluster{configMaps: map[string]corev1.ConfigMap{}, secrets: map[string]corev1.Secret{}, certificate: map[string]certificate{}}
	for _, resource := range resources.Resources() {
		text, err := resource.AsYAML()
		if err != nil {
			t.Fatal(err)
		}
		if resource.GetKind() != "Namespace" && resource.GetNamespace() != "portico" {
			t.Errorf("%s is in the namespace %q", resource.CurId(), resource.GetNamespace())
		}
		c.add(t, resource.GetApiVersion(), string(text))
	}
	return c
}

func (c *cluster) add(t *testing.T, version, text string) {
	t.Helper()
	switch version {
	case "authzed.com/v1alpha1", "cert-manager.io/v1", "monitoring.coreos.com/v1":
		c.addCustom(t, text)
		return
	}
	switch o := strictly(t, text).(type) {
	case *appsv1.Deployment:
		c.deployment = *o
	case *batchv1.Job:
		c.job = *o
	case *corev1.Service:
		c.service = *o
	case *corev1.ServiceAccount:
		c.account = *o
	case *policyv1.PodDisruptionBudget:
		c.budget = *o
	case *autoscalingv2.HorizontalPodAutoscaler:
		c.autoscaler = *o
	case *networkingv1.Ingress:
		c.ingress = *o
	case *networkingv1.NetworkPolicy:
		c.policies = append(c.policies, *o)
	case *corev1.ConfigMap:
		c.configMaps[o.Name] = *o
	case *corev1.Secret:
		c.secrets[o.Name] = *o
	case *corev1.Namespace:
	default:
		t.Errorf("nothing is known of a %T", o)
	}
}

// strictly decodes an object of Kubernetes' own; unknown fields fail.
func strictly(t *testing.T, text string) runtime.Object {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		appsv1.AddToScheme, autoscalingv2.AddToScheme, batchv1.AddToScheme, corev1.AddToScheme, networkingv1.AddToScheme, policyv1.AddToScheme,
	} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	object, _, err := serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDeserializer().Decode([]byte(text), nil, nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return object
}

// eachOverlay runs a test on every overlay.
func eachOverlay(t *testing.T, test func(t *testing.T, c cluster)) {
	for _, overlay := range overlays {
		t.Run(overlay, func(t *testing.T) { test(t, build(t, overlay)) })
	}
}
