package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestConfigSources(t *testing.T) {
	s := newShell(t)
	s.write("portico.yaml", "store: from-file.db\nlisten: 127.0.0.1:1\nlog:\n  level: warn\n  format: json\noidc:\n  issuer: https://id.example\n  audience: us\n  algorithms: [ES256]\n")
	t.Setenv("PORTICO_LISTEN", "127.0.0.1:2")
	t.Setenv("PORTICO_LOG_LEVEL", "error")
	out := s.ok("serve --print-config --log.level debug --maintenance_interval 5m")
	for _, want := range []string{
		`store: "from-file.db"`, `listen: "127.0.0.1:2"`, `level: "debug"`, `format: "json"`, `algorithms: ["ES256"]`,
		"maintenance_interval: 5m0s", `portal: "agency"`, `user_claim: "sub"`,
	} {
		if !strings.Contains(out, want+" #") {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

// hardText is text that YAML would take for something else if it weren't quoted.
const hardText = `[a: "b" #c, 'd'] \ %e`

// TestConfigPrintedIsRead: with every key set, what is printed is read back as
// what it was. Secrets come from the environment both times.
func TestConfigPrintedIsRead(t *testing.T) {
	s := newShell(t)
	given := overrides{
		"listen": "[::1]:8180", "mail.link": "https://b.example/join#{token}", "mail.outbox": "", "log.level": "warn", "log.format": "json",
		"spicedb.insecure": "false", "redis.mode": "sentinel", "redis.addresses": "[::1]:6379,redis:6379", "redis.timeout": "5ms",
		"limits.headers": "5000",
	}
	var blank Config
	for _, k := range settings(&blank) {
		if _, ok := given[k.key]; ok {
			continue
		}
		switch v := k.value.Interface().(type) {
		case Secret:
			t.Setenv(k.env(), "sesame")
		case string, DSN:
			given[k.key] = hardText
		case []string:
			given[k.key] = "- a,{b: #c}"
		case bool:
			given[k.key] = "true"
		case int:
			given[k.key] = "7"
		case float64:
			given[k.key] = "0.0000001"
		case time.Duration:
			given[k.key] = "26h5m1.5s"
		default:
			t.Fatalf("%s: a kind of key that this test doesn't know, %T", k.key, v)
		}
	}
	want, err := loadConfig("", given)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	want.print(newPrinter(&text))
	s.write("again.yaml", text.String())
	got, err := loadConfig("again.yaml", nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, text.String())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("read again it is another: %s\n%s", diff, text.String())
	}
}

// TestConfigTrimsLists: spaces around the items of a list are nobody's.
func TestConfigTrimsLists(t *testing.T) {
	s := newShell(t)
	t.Setenv("PORTICO_REDIS_MODE", "cluster")
	t.Setenv("PORTICO_REDIS_ADDRESSES", "a:1, b:2 ,c:3")
	if out := s.ok("serve --print-config"); !strings.Contains(out, `addresses: ["a:1", "b:2", "c:3"]`) {
		t.Errorf("from the environment:\n%s", out)
	}
	c, err := loadConfig("", overrides{"redis.addresses": " a:1, b:2"})
	if diff := cmp.Diff([]string{"a:1", "b:2"}, c.Redis.Addresses); err != nil || diff != "" {
		t.Errorf("from a flag: %v %s", err, diff)
	}
}

func TestConfigUnknownKeys(t *testing.T) {
	s := newShell(t)
	s.write("bad.yaml", "spicedb:\n  endpiont: x:1\n")
	s.fails("serve --print-config --config bad.yaml", exitUsage, `"spicedb.endpiont" is unknown`, `did you mean "spicedb.endpoint"`)
	s.write("two.yaml", "lisen: x\nweather: fine\n")
	s.fails("serve --print-config --config two.yaml", exitUsage, `"lisen" is unknown; did you mean "listen"?`, `"weather" is unknown`)
	s.write("flat.yaml", "mail: nobody\n")
	s.fails("serve --print-config --config flat.yaml", exitUsage, `"mail" is unknown`)
	s.write("broken.yaml", "listen: [\n")
	s.fails("serve --print-config --config broken.yaml", exitUsage, "broken.yaml")
	s.fails("serve --print-config --config missing.yaml", exitUsage, "missing.yaml")
	t.Setenv("PORTICO_LISTNE", "x")
	s.fails("serve --print-config", exitUsage, "PORTICO_LISTNE is unknown", "PORTICO_LISTEN")
}

func TestConfigIgnoresServiceLinks(t *testing.T) {
	s := newShell(t)
	for name, value := range map[string]string{
		"PORTICO_SERVICE_HOST": "10.0.0.1", "PORTICO_PORT": "tcp://10.0.0.1:8180", "PORTICO_PORT_8180_TCP_ADDR": "10.0.0.1",
		"PORTICO_SERVICE_PORT_HTTP": "8180", "PORTICO_POSTGRES_SERVICE_HOST": "10.0.0.2",
	} {
		t.Setenv(name, value)
	}
	s.ok("serve --print-config")
}

func TestConfigMasksSecrets(t *testing.T) {
	s := newShell(t)
	t.Setenv("PORTICO_SPICEDB_TOKEN", "sesame")
	t.Setenv("PORTICO_MAIL_SMTP_PASSWORD", "sesame")
	t.Setenv("PORTICO_REDIS_PASSWORD", "sesame")
	t.Setenv("PORTICO_REDIS_SENTINEL_PASSWORD", "sesame")
	t.Setenv("PORTICO_STORE", "postgres://portico:sesame@db/portico?sslpassword=sesame&sslmode=verify-full")
	out := s.ok("serve --print-config --spicedb.endpoint spicedb:50051 --redis.mode sentinel --redis.addresses s:1,t:1 --redis.master m --mail.smtp.address mail.example:587 --mail.smtp.from a@b.example --mail.smtp.username u --mail.link https://b.example/#{token}")
	if strings.Contains(out, "sesame") || strings.Count(out, masked) != 6 {
		t.Errorf("not masked:\n%s", out)
	}
	c, err := loadConfig("", overrides{
		"spicedb.endpoint": "spicedb:1", "redis.mode": "sentinel", "redis.addresses": "s:1,t:1", "redis.master": "m", "mail.smtp.address": "m:1", "mail.smtp.from": "a@b.example", "mail.smtp.username": "u", "mail.link": "https://b.example/#{token}",
	})
	if err != nil || c.SpiceDB.Token != "sesame" {
		t.Fatalf("the secret itself: %v", err)
	}
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(format, c); strings.Contains(text, "sesame") {
			t.Errorf("%s prints %s", format, text)
		}
	}
}

// TestConfigKeywords refuses libpq's other form, and keeps its password.
func TestConfigKeywords(t *testing.T) {
	s := newShell(t)
	t.Setenv("PORTICO_STORE", "host=db user=portico password=sesame")
	r := s.run("serve --print-config")
	text := explainError(r.err)
	if exitCode(r.err) != exitUsage || !strings.Contains(text, "postgres://") || strings.Contains(text+r.out+r.notes, "sesame") {
		t.Errorf("%v says %s%s%s", r.err, text, r.out, r.notes)
	}
}

func TestConfigRefuses(t *testing.T) {
	s := newShell(t)
	for flags, word := range map[string]string{
		"--listen 0.0.0.0:8180":                                   "insecure_listen",
		"--listen :8180":                                          "insecure_listen",
		"--listen 8180":                                           "listen:",
		"--tls.cert a.pem":                                        "tls.key",
		"--listen 127.0.0.1:http":                                 "listen:",
		"--listen 127.0.0.1:99999":                                "listen:",
		"--store mysql://db/portico":                              "store:",
		"--store postgres://db/portico":                           "spicedb.endpoint",
		"--spicedb.endpoint spicedb:1":                            "spicedb.token",
		"--spicedb.insecure":                                      "spicedb.endpoint",
		"--oidc.issuer https://id.example":                        "oidc.audience",
		"--oidc.audience us":                                      "oidc.issuer",
		"--mail.smtp.address m:25":                                "mail.smtp.from",
		"--mail.smtp.address m:25 --mail.smtp.from a@b.example":   "mail.link",
		"--mail.smtp.address m:25 --mail.outbox out":              "mail:",
		"--mail.link http://b.example/{token}":                    "https",
		"--invitation_life 1ms":                                   "invitation_life",
		"--invitation_life soon":                                  "invitation_life",
		"--limits.headers many":                                   "limits.headers",
		"--limits.headers 1":                                      "limits.headers",
		"--redis.addresses localhost:6379":                        "redis.mode",
		"--redis.mode single --redis.addresses localhost:6379":    "redis.mode",
		"--redis.mode cluster":                                    "redis.addresses",
		"--redis.mode sentinel --redis.addresses localhost:26379": "redis.master",
		"--redis.mode standalone --redis.addresses localhost:6379 --redis.master m": "redis.master",
		"--redis.mode standalone --redis.addresses redis":                           "redis.addresses",
		"--redis.mode standalone --redis.addresses a:1,b:1":                         "redis.addresses",
		"--redis.mode cluster --redis.addresses a:1,":                               "redis.addresses",
		"--redis.mode cluster --redis.addresses a:1 --redis.database 1":             "redis.database",
		"--redis.database 1":          "redis.mode",
		"--redis.sentinel_username u": "redis.mode",
		"--redis.mode cluster --redis.addresses a:1 --redis.sentinel_username u":                   "redis.sentinel_username",
		"--redis.mode sentinel --redis.addresses a:1 --redis.master m --redis.sentinel_username u": "redis.sentinel_password",
		"--redis.mode cluster --redis.addresses a:1 --redis.username u":                            "redis.password",
		"--redis.mode cluster --redis.addresses a:1 --redis.ca_file ca.pem":                        "redis.tls",
		"--oidc.user_claim email":                              "oidc.issuer",
		"--mail.smtp.username u":                               "mail.smtp.address",
		"--limits.burst_per_key 5":                             "limits.rate_per_key",
		"--limits.burst_per_partner 5 --limits.rate_per_key 1": "limits.rate_per_partner",
		"--tracing.insecure":                                   "tracing.endpoint",
		"--tracing.ratio 1":                                    "tracing.endpoint",
		"--redis.timeout 5s":                                   "redis.timeout",
		"--redis.timeout 0s":                                   "redis.timeout",
		"--redis.connections 0":                                "redis.connections",
		"--limits.concurrent -1":                               "limits.concurrent",
		"--limits.rate_per_key -0.5":                           "limits.rate_per_key",
		"--limits.rate_per_key NaN":                            "limits.rate_per_key",
		"--shutdown_delay -1s":                                 "shutdown_delay",
		"--spicedb.gc_window 1ms":                              "spicedb.gc_window",
		"--tracing.ratio 2":                                    "tracing.ratio",
		"--log.level loud":                                     "log.level",
		"--log.format xml":                                     "log.format",
	} {
		s.fails("serve --print-config "+flags, exitUsage, word)
	}
	s.ok("serve --print-config --listen 0.0.0.0:8180 --insecure_listen")
	s.ok("serve --print-config --listen [::1]:8180")
	s.ok("serve --print-config --spicedb.gc_window 1h --limits.rate_per_key 1 --limits.burst_per_key 5 --tracing.endpoint otel:4317 --tracing.insecure")
}
