package check_test

import (
	"slices"
	"testing"
)

// outside are the objects that an overlay names and somebody else makes.
var outside = []string{"ConfigMap postgres-ca", "Secret portico-ingress-tls"}

// made are the ConfigMaps and Secrets that there will be.
func (c *cluster) made() []string {
	there := slices.Clone(outside)
	for name := range c.configMaps {
		there = append(there, "ConfigMap "+name)
	}
	for name := range c.secrets {
		there = append(there, "Secret "+name)
	}
	for name := range c.certificate {
		there = append(there, "Secret "+name)
	}
	return there
}

// named are those that something asks for.
func (c *cluster) named() []string {
	list := []string{"Secret " + c.spicedb.Spec.SecretName, "Secret " + c.ingress.Spec.TLS[0].SecretName}
	for _, volume := range c.deployment.Spec.Template.Spec.Volumes {
		switch {
		case volume.ConfigMap != nil:
			list = append(list, "ConfigMap "+volume.ConfigMap.Name)
		case volume.Secret != nil:
			list = append(list, "Secret "+volume.Secret.SecretName)
		}
	}
	return list
}

func TestKubernetesReferences(t *testing.T) {
	eachOverlay(t, func(t *testing.T, c cluster) {
		there := c.made()
		for _, name := range c.named() {
			if !slices.Contains(there, name) {
				t.Errorf("there is no %s", name)
			}
		}
		pod := c.deployment.Spec.Template.Spec
		if pod.ServiceAccountName != c.account.Name {
			t.Errorf("there is no account %s", pod.ServiceAccountName)
		}
		for _, e := range pod.Containers[0].Env {
			if e.ValueFrom == nil {
				continue
			}
			ref := e.ValueFrom.SecretKeyRef
			if _, ok := c.secrets[ref.Name].Data[ref.Key]; !ok {
				t.Errorf("%s: there is no Secret %s with a %s", e.Name, ref.Name, ref.Key)
			}
		}
	})
}

func TestKubernetesMounts(t *testing.T) {
	eachOverlay(t, func(t *testing.T, c cluster) {
		var volumes []string
		pod := c.deployment.Spec.Template.Spec
		for _, volume := range pod.Volumes {
			volumes = append(volumes, volume.Name)
		}
		for _, mount := range pod.Containers[0].VolumeMounts {
			if !slices.Contains(volumes, mount.Name) {
				t.Errorf("%s: there is no volume %s", mount.MountPath, mount.Name)
			}
		}
	})
}
