package main

import (
	"fmt"
	"strings"
	"testing"
)

func TestConfigSources(t *testing.T) {
	s := newShell(t)
	s.write("portico.yaml", "store: from-file.db\nlisten: 127.0.0.1:1\nlog:\n  level: warn\n  format: json\noidc:\n  algorithms: [ES256]\n")
	t.Setenv("PORTICO_LISTEN", "127.0.0.1:2")
	t.Setenv("PORTICO_LOG_LEVEL", "error")
	out := s.ok("serve --print-config --log.level debug --maintenance_interval 5m")
	for _, want := range []string{
		"store: from-file.db", "listen: 127.0.0.1:2", "level: debug", "format: json", "algorithms: [ES256]",
		"maintenance_interval: 5m0s", "portal: agency", "user_claim: sub",
	} {
		if !strings.Contains(out, want+" #") {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	// What is printed is a configuration that can be read.
	s.write("again.yaml", out)
	if again := s.ok("serve --print-config --config again.yaml --log.level debug"); strings.ReplaceAll(again, "127.0.0.1:2", "") != strings.ReplaceAll(out, "127.0.0.1:2", "") {
		t.Errorf("read again it is\n%s", again)
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
	out := s.ok("serve --print-config --spicedb.endpoint spicedb:50051 --redis.mode sentinel --redis.addresses s:1,t:1 --redis.master m --mail.smtp.address mail.example:587 --mail.smtp.from a@b.example --mail.link https://b.example/#{token}")
	if strings.Contains(out, "sesame") || strings.Count(out, masked) != 6 {
		t.Errorf("not masked:\n%s", out)
	}
	c, err := loadConfig("", overrides{
		"spicedb.endpoint": "spicedb:1", "redis.mode": "sentinel", "redis.addresses": "s:1,t:1", "redis.master": "m", "mail.smtp.address": "m:1", "mail.smtp.from": "a@b.example", "mail.link": "https://b.example/#{token}",
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
		"--redis.timeout 5s":         "redis.timeout",
		"--redis.timeout 0s":         "redis.timeout",
		"--redis.connections 0":      "redis.connections",
		"--limits.concurrent -1":     "limits.concurrent",
		"--limits.rate_per_key -0.5": "limits.rate_per_key",
		"--limits.rate_per_key NaN":  "limits.rate_per_key",
		"--shutdown_delay -1s":       "shutdown_delay",
		"--spicedb.gc_window 1ms":    "spicedb.gc_window",
		"--tracing.ratio 2":          "tracing.ratio",
		"--log.level loud":           "log.level",
		"--log.format xml":           "log.format",
	} {
		s.fails("serve --print-config "+flags, exitUsage, word)
	}
	s.ok("serve --print-config --listen 0.0.0.0:8180 --insecure_listen")
	s.ok("serve --print-config --listen [::1]:8180")
}
