package check_test

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v3"
)

// settings is the part of Portico's configuration that others must agree with.
type settings struct {
	Listen        string
	SpiceDB       struct{ Endpoint, GCWindow string }
	Redis         struct{ Addresses []string }
	ShutdownDelay time.Duration
	ShutdownTime  time.Duration
}

func composeSettings(t *testing.T) (s settings) {
	t.Helper()
	leaves := flatten(t, read(t, "compose", "portico.yaml"))
	s.Listen, s.SpiceDB.Endpoint, s.SpiceDB.GCWindow = leaves["listen"], leaves["spicedb.endpoint"], leaves["spicedb.gc_window"]
	s.Redis.Addresses = strings.Split(leaves["redis.addresses"], ",")
	s.ShutdownDelay, s.ShutdownTime = duration(t, leaves["shutdown_delay"]), duration(t, leaves["shutdown_timeout"])
	return s
}

func duration(t *testing.T, text string) time.Duration {
	t.Helper()
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// replicas are the services that run Portico.
func replicas(t *testing.T) (list []types.ServiceConfig) {
	t.Helper()
	for _, service := range compose(t).Services {
		if strings.HasPrefix(service.Name, "portico-") {
			list = append(list, service)
		}
	}
	if len(list) < 2 {
		t.Fatalf("there are %d replicas", len(list))
	}
	return list
}

func TestComposePortico(t *testing.T) {
	s := composeSettings(t)
	for _, replica := range replicas(t) {
		env := map[string]string{}
		for name, value := range replica.Environment {
			env[name] = *value
		}
		if grace := time.Duration(*replica.StopGracePeriod); grace < s.ShutdownDelay+s.ShutdownTime+5*time.Second {
			t.Errorf("%s is killed after %s, and takes %s", replica.Name, grace, s.ShutdownDelay+s.ShutdownTime)
		}
		if env["PORTICO_CONFIG"] != replica.Volumes[0].Target {
			t.Errorf("%s reads %s, which isn't mounted", replica.Name, env["PORTICO_CONFIG"])
		}
		store, err := url.Parse(env["PORTICO_STORE"])
		if err != nil {
			t.Fatal(err)
		}
		for _, host := range append(s.Redis.Addresses, s.SpiceDB.Endpoint, store.Host) {
			checkReaches(t, replica, host)
		}
		checkConfig(t, read(t, "compose", "portico.yaml"), env)
	}
}

// TestComposeRoles: the databases' users are as the volume is made, and others
// while a password is being changed.
func TestComposeRoles(t *testing.T) {
	env := example(t, true)
	for _, suffix := range []string{"", "_b"} {
		if suffix != "" {
			env["PORTICO_DB_USER"], env["SPICEDB_DB_USER"] = "portico"+suffix, "spicedb"+suffix
		}
		project, err := loadCompose(t, env)
		if err != nil {
			t.Fatal(err)
		}
		for _, url := range []struct{ service, variable, user string }{
			{"portico-1", "PORTICO_STORE", "portico"},
			{"portico-2", "PORTICO_STORE", "portico"},
			{"spicedb", "SPICEDB_DATASTORE_CONN_URI", "spicedb"},
			{"spicedb-migrate", "SPICEDB_DATASTORE_CONN_URI", "spicedb"},
		} {
			start := "postgres://" + url.user + suffix + ":"
			if got := *project.Services[url.service].Environment[url.variable]; !strings.HasPrefix(got, start) {
				t.Errorf("%s: %s is %s, want %s…", url.service, url.variable, got, start)
			}
			if create := "CREATE ROLE " + url.user + " LOGIN "; !strings.Contains(project.Configs["databases"].Content, create) {
				t.Errorf("a new volume has no role %s", url.user)
			}
		}
	}
}

// checkReaches checks that host:port is a service on a network of the client's.
func checkReaches(t *testing.T, client types.ServiceConfig, host string) {
	t.Helper()
	name, _, _ := strings.Cut(host, ":")
	server, err := compose(t).GetService(name)
	if err != nil {
		t.Errorf("%s: %s: %v", client.Name, host, err)
		return
	}
	for network := range client.Networks {
		if _, ok := server.Networks[network]; ok {
			return
		}
	}
	t.Errorf("%s and %s share no network", client.Name, name)
}

func TestComposeSpiceDB(t *testing.T) {
	project, gc := compose(t), "--datastore-gc-window="+composeSettings(t).SpiceDB.GCWindow
	for _, name := range []string{"spicedb", "spicedb-migrate"} {
		service := project.Services[name]
		args := slices.Clone([]string(service.Command))
		for variable, value := range service.Environment {
			args = append(args, flagOf(variable)+"="+*value)
		}
		checkSpiceDB(t, args...)
		if name == "spicedb" && !slices.Contains(args, gc) {
			t.Errorf("it keeps snapshots for another time than Portico believes: %v, want %s", args, gc)
		}
		if name == "spicedb" && !slices.Contains(args, "--telemetry-endpoint=") {
			t.Errorf("it tells its makers: %v", args)
		}
	}
	if !slices.Contains(project.Services["postgres"].Command, "track_commit_timestamp=on") {
		t.Error("PostgreSQL keeps no commit timestamps")
	}
}

func TestComposeRedis(t *testing.T) {
	project := compose(t)
	command := strings.Join(project.Services["redis"].Command, " ")
	for _, part := range []string{"--save  --appendonly no", "--maxmemory 256mb", "--maxmemory-policy allkeys-lru", "--aclfile /etc/redis/users.acl"} {
		if !strings.Contains(command, part) {
			t.Errorf("redis lacks %q: %s", part, command)
		}
	}
	user := flatten(t, read(t, "compose", "portico.yaml"))["redis.username"]
	users := project.Configs["redis-users"].Content
	for _, line := range []string{
		"user default off\n", "user " + user + " on >word ", " -@all +ping +get +set +client|setname\n",
	} {
		if !strings.Contains(users, line) {
			t.Errorf("the users lack %q:\n%s", line, users)
		}
	}
}

func TestCaddyfile(t *testing.T) {
	s, text := composeSettings(t), read(t, "compose", "Caddyfile")
	_, port, _ := strings.Cut(s.Listen, ":")
	for _, replica := range replicas(t) {
		if !strings.Contains(text, " "+replica.Name+":"+port) {
			t.Errorf("it doesn't know %s", replica.Name)
		}
	}
	if !strings.Contains(text, "health_uri /readyz\n") {
		t.Error("it doesn't ask /readyz")
	}
	every := regexp.MustCompile(`health_interval (\S+)`).FindStringSubmatch(text)
	within := regexp.MustCompile(`health_timeout (\S+)`).FindStringSubmatch(text)
	if every == nil || within == nil || duration(t, every[1])+duration(t, within[1]) >= s.ShutdownDelay {
		t.Errorf("it notices an ending replica later than %s", s.ShutdownDelay)
	}
}

// scraped are the targets that Prometheus asks.
func scraped(t *testing.T) (targets []string) {
	t.Helper()
	var config struct {
		Scrape []struct {
			Static []struct {
				Targets []string `yaml:"targets"`
			} `yaml:"static_configs"`
		} `yaml:"scrape_configs"`
	}
	if err := yaml.Unmarshal([]byte(read(t, "prometheus", "prometheus.yml")), &config); err != nil {
		t.Fatal(err)
	}
	for _, scrape := range config.Scrape {
		for _, static := range scrape.Static {
			targets = append(targets, static.Targets...)
		}
	}
	return targets
}

func TestComposePrometheus(t *testing.T) {
	_, port, _ := strings.Cut(composeSettings(t).Listen, ":")
	targets := scraped(t)
	for _, target := range targets {
		checkReaches(t, compose(t).Services["prometheus"], target)
	}
	for _, replica := range replicas(t) {
		if !slices.Contains(targets, replica.Name+":"+port) {
			t.Errorf("Prometheus doesn't ask %s", replica.Name)
		}
	}
}

func TestComposeGrafana(t *testing.T) {
	var sources struct {
		Datasources []struct {
			URL string `yaml:"url"`
		} `yaml:"datasources"`
	}
	if err := yaml.Unmarshal([]byte(read(t, "grafana", "provisioning", "datasources", "prometheus.yaml")), &sources); err != nil {
		t.Fatal(err)
	}
	if len(sources.Datasources) != 1 {
		t.Fatalf("there are %d data sources", len(sources.Datasources))
	}
	checkReaches(t, compose(t).Services["grafana"], strings.TrimPrefix(sources.Datasources[0].URL, "http://"))
}
