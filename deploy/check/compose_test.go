package check_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

// example is .env as somebody starts with it; filled puts a word where a value
// is missing.
func example(t *testing.T, filled bool) types.Mapping {
	t.Helper()
	text := read(t, "compose", ".env.example")
	if filled {
		text = regexp.MustCompile(`(?m)^([A-Z_]+)=$`).ReplaceAllString(text, "$1=word")
	}
	env, err := dotenv.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return env
}

func loadCompose(t *testing.T, env types.Mapping) (*types.Project, error) {
	t.Helper()
	folder, err := filepath.Abs(filepath.Join(deploy, "compose"))
	if err != nil {
		t.Fatal(err)
	}
	return loader.LoadWithContext(t.Context(), types.ConfigDetails{
		WorkingDir:  folder,
		ConfigFiles: []types.ConfigFile{{Filename: filepath.Join(folder, "compose.yaml")}},
		Environment: env,
	}, func(o *loader.Options) { o.SetProjectName("portico", true) })
}

func compose(t *testing.T) *types.Project {
	t.Helper()
	project, err := loadCompose(t, example(t, true))
	if err != nil {
		t.Fatal(err)
	}
	return project
}

func TestComposeWantsSecrets(t *testing.T) {
	if _, err := loadCompose(t, example(t, false)); err == nil {
		t.Error("it starts with secrets that nobody filled in")
	}
	for name, value := range example(t, false) {
		if value != "" && name != "PORTICO_DOMAIN" {
			t.Errorf("%s has a value that somebody may leave as it is: %s", name, value)
		}
		env := example(t, true)
		delete(env, name)
		if _, err := loadCompose(t, env); err == nil {
			t.Errorf("nothing misses %s", name)
		}
	}
}

func TestComposeImages(t *testing.T) {
	_, version := spicedb(t)
	for name, service := range compose(t).Services {
		switch {
		case service.PullPolicy == types.PullPolicyNever: // TestComposeBuilds
		case service.Build != nil:
			dockerfile := filepath.Join(service.Build.Context, service.Build.Dockerfile)
			if _, err := os.Stat(dockerfile); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		case !pinned.MatchString(service.Image):
			t.Errorf("%s: the version of %s isn't pinned", name, service.Image)
		case strings.Contains(service.Image, "spicedb") && !strings.HasSuffix(service.Image, ":"+version):
			t.Errorf("%s: %s, and Portico is tested with %s", name, service.Image, version)
		}
	}
}

// TestComposeBuilds: Compose builds all images at once, and two builds can't
// export one tag. So one service builds an image, and others that run it wait for
// that one and pull it from nowhere.
func TestComposeBuilds(t *testing.T) {
	services, builders := compose(t).Services, map[string]string{} // by the image
	for name, service := range services {
		if service.Build == nil {
			continue
		}
		if other, ok := builders[service.Image]; ok {
			t.Errorf("%s and %s both build %s", name, other, service.Image)
		}
		builders[service.Image] = name
	}
	for name, service := range services {
		builder, ours := builders[service.Image]
		if never := service.PullPolicy == types.PullPolicyNever; never != (ours && name != builder) {
			t.Errorf("%s: %s has the pull policy %q, and is built by %q", name, service.Image, service.PullPolicy, builder)
		}
		if _, waits := service.DependsOn[builder]; ours && name != builder && !waits {
			t.Errorf("%s doesn't wait for %s, which builds its image", name, builder)
		}
	}
}

// TestComposeReadOnly: Compose copies configs and secrets that aren't files into
// the container, and refuses to where it is read-only.
func TestComposeReadOnly(t *testing.T) {
	project := compose(t)
	for name, service := range project.Services {
		if !service.ReadOnly {
			continue
		}
		for _, use := range service.Configs {
			if project.Configs[use.Source].File == "" {
				t.Errorf("%s is read-only, and its config %s isn't a file", name, use.Source)
			}
		}
		for _, use := range service.Secrets {
			if project.Secrets[use.Source].File == "" {
				t.Errorf("%s is read-only, and its secret %s isn't a file", name, use.Source)
			}
		}
	}
}

func TestComposeMounts(t *testing.T) {
	for name, service := range compose(t).Services {
		for _, volume := range service.Volumes {
			if volume.Type != types.VolumeTypeBind {
				continue
			}
			if _, err := os.Stat(volume.Source); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if !volume.ReadOnly {
				t.Errorf("%s may write to %s", name, volume.Source)
			}
		}
		for _, port := range service.Ports {
			if name != "caddy" && port.HostIP != "127.0.0.1" {
				t.Errorf("%s: everybody reaches port %s", name, port.Published)
			}
		}
	}
}
