package check_test

import (
	"net"
	"reflect"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// The fields that are used of the operators' resources. A field that isn't here
// fails: their definitions are too large to bring along.

type metadata struct {
	Name      string            `yaml:"name"`
	Namespace string            `yaml:"namespace,omitempty"`
	Labels    map[string]string `yaml:"labels,omitempty"`
}

type head struct {
	APIVersion string   `yaml:"apiVersion"`
	Kind       string   `yaml:"kind"`
	Metadata   metadata `yaml:"metadata"`
}

type spicedbCluster struct {
	head `yaml:",inline"`
	Spec struct {
		Version    string         `yaml:"version"`
		SecretName string         `yaml:"secretName"`
		Config     map[string]any `yaml:"config"`
		Patches    []struct {
			Kind  string         `yaml:"kind"`
			Patch map[string]any `yaml:"patch"`
		} `yaml:"patches"`
	} `yaml:"spec"`
}

type certificate struct {
	head `yaml:",inline"`
	Spec struct {
		SecretName string   `yaml:"secretName"`
		IsCA       bool     `yaml:"isCA"`
		CommonName string   `yaml:"commonName"`
		Duration   string   `yaml:"duration"`
		DNSNames   []string `yaml:"dnsNames"`
		IssuerRef  struct {
			Kind string `yaml:"kind"`
			Name string `yaml:"name"`
		} `yaml:"issuerRef"`
	} `yaml:"spec"`
}

type issuer struct {
	head `yaml:",inline"`
	Spec struct {
		SelfSigned *struct{} `yaml:"selfSigned"`
		CA         struct {
			SecretName string `yaml:"secretName"`
		} `yaml:"ca"`
	} `yaml:"spec"`
}

type podMonitor struct {
	head `yaml:",inline"`
	Spec struct {
		Selector struct {
			MatchLabels map[string]string `yaml:"matchLabels"`
		} `yaml:"selector"`
		JobLabel  string `yaml:"jobLabel"`
		Endpoints []struct {
			Port     string `yaml:"port"`
			Path     string `yaml:"path"`
			Interval string `yaml:"interval"`
		} `yaml:"podMetricsEndpoints"`
	} `yaml:"spec"`
}

type prometheusRule struct {
	head `yaml:",inline"`
	Spec ruleFile `yaml:"spec"`
}

func (c *cluster) addCustom(t *testing.T, text string) {
	t.Helper()
	var h head
	if err := yaml.Unmarshal([]byte(text), &h); err != nil {
		t.Fatal(err)
	}
	switch h.Kind {
	case "SpiceDBCluster":
		decode(t, text, &c.spicedb)
	case "Certificate":
		var one certificate
		decode(t, text, &one)
		c.certificate[one.Spec.SecretName] = one
	case "Issuer":
		decode(t, text, &issuer{})
	case "PodMonitor":
		decode(t, text, &c.monitor)
	case "PrometheusRule":
		decode(t, text, &c.rules)
	default:
		t.Errorf("nothing is known of a %s", h.Kind)
	}
}

// operatorKeys are those of the operator itself; the others are SpiceDB's flags.
var operatorKeys = []string{"replicas", "tlsSecretName", "dispatchUpstreamCASecretName", "dispatchUpstreamCAFilePath"}

// flags are what the operator starts SpiceDB with.
func (c *cluster) flags(t *testing.T) []string {
	t.Helper()
	args := []string{"serve"}
	for key, value := range c.spicedb.Spec.Config {
		text, isText := value.(string)
		switch {
		case slices.Contains(operatorKeys, key):
		case !isText:
			t.Errorf("%s: the operator takes text, got %v", key, value)
		default:
			args = append(args, flagOf(key)+"="+text)
		}
	}
	return args
}

func TestSpiceDBCluster(t *testing.T) {
	engines := map[string]string{"example": "postgres", "cockroachdb": "cockroachdb"}
	for _, overlay := range overlays {
		t.Run(overlay, func(t *testing.T) {
			c := build(t, overlay)
			args := c.flags(t)
			checkSpiceDB(t, args...)
			for _, want := range []string{
				"--datastore-engine=" + engines[overlay], "--telemetry-endpoint=",
				"--datastore-gc-window=" + environment(c)["PORTICO_SPICEDB_GC_WINDOW"],
			} {
				if !slices.Contains(args, want) {
					t.Errorf("it lacks %s: %v", want, args)
				}
			}
			if _, version := spicedb(t); c.spicedb.Spec.Version != version {
				t.Errorf("it is %s, and Portico is tested with %s", c.spicedb.Spec.Version, version)
			}
		})
	}
}

func TestSpiceDBSecrets(t *testing.T) {
	eachOverlay(t, func(t *testing.T, c cluster) {
		spec := c.spicedb.Spec
		secret := c.secrets[spec.SecretName].Data
		if secret["preshared_key"] == nil || secret["datastore_uri"] == nil {
			t.Errorf("the Secret %s lacks a key that the operator wants", spec.SecretName)
		}
		for _, key := range []string{"tlsSecretName", "dispatchUpstreamCASecretName"} {
			if name, _ := spec.Config[key].(string); c.certificate[name].Metadata.Name == "" {
				t.Errorf("%s: nothing makes the Secret %q", key, name)
			}
		}
	})
}

func TestSpiceDBCertificate(t *testing.T) {
	eachOverlay(t, func(t *testing.T, c cluster) {
		host, _, err := net.SplitHostPort(environment(c)["PORTICO_SPICEDB_ENDPOINT"])
		if err != nil {
			t.Fatal(err)
		}
		peers := c.spicedb.Metadata.Name + "." + c.spicedb.Metadata.Namespace // how the operator makes them find each other
		for _, name := range []string{host, peers} {
			if names := c.certificate["spicedb-tls"].Spec.DNSNames; !slices.Contains(names, name) {
				t.Errorf("the certificate isn't for %s: %v", name, names)
			}
		}
		if !strings.HasPrefix(host, peers+".") {
			t.Errorf("Portico asks %s, and SpiceDB is %s", host, peers)
		}
	})
}

func TestPodMonitor(t *testing.T) {
	eachOverlay(t, func(t *testing.T, c cluster) {
		spec := c.monitor.Spec
		pod := c.deployment.Spec.Template
		if !reflect.DeepEqual(spec.Selector.MatchLabels, c.deployment.Spec.Selector.MatchLabels) {
			t.Errorf("it watches %v, and replicas are %v", spec.Selector.MatchLabels, c.deployment.Spec.Selector.MatchLabels)
		}
		if job := pod.Labels[spec.JobLabel]; job != "portico" {
			t.Errorf("the job is called %q, and the rules want portico", job)
		}
		if len(spec.Endpoints) != 1 || spec.Endpoints[0].Path != "/metrics" || spec.Endpoints[0].Port != pod.Spec.Containers[0].Ports[0].Name {
			t.Errorf("it asks %+v", spec.Endpoints)
		}
	})
}
