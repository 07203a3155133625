package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/viper"
)

// configFile is read if it is there and no other is named.
const configFile = "portico.yaml"

// The variables that aren't keys of the configuration: of the commands that
// speak to a server, and of the file itself.
const (
	envConfig = "PORTICO_CONFIG"
	envServer = "PORTICO_SERVER"
	envKey    = "PORTICO_KEY"
)

// overrides are the keys that flags set, as they were given.
type overrides map[string]string

// loadConfig reads and checks the configuration: defaults, then the file, then
// the environment, then flags. A key that doesn't exist fails wherever it is.
func loadConfig(file string, flags overrides) (Config, error) {
	c := defaultConfig()
	v := viper.New()
	if err := readFile(v, file, &c); err != nil {
		return c, err
	}
	if err := checkEnvironment(os.Environ(), &c); err != nil {
		return c, err
	}
	for _, s := range settings(&c) {
		v.SetDefault(s.key, s.value.Interface())
		if err := v.BindEnv(s.key, s.env()); err != nil {
			return c, err
		}
	}
	for key, value := range flags {
		v.Set(key, value)
	}
	if err := v.Unmarshal(&c); err != nil {
		return c, usageError("the configuration: %s", lastLine(err))
	}
	for _, s := range settings(&c) {
		s.trim()
	}
	return c, c.Validate()
}

func readFile(v *viper.Viper, file string, c *Config) error {
	named := file != ""
	if !named {
		file = os.Getenv(envConfig)
		named = file != ""
	}
	if !named {
		file = configFile
	}
	v.SetConfigFile(file)
	v.SetConfigType("yaml")
	err := v.ReadInConfig()
	if errors.Is(err, fs.ErrNotExist) && !named {
		return nil
	}
	if err != nil {
		return usageError("the configuration %s can't be read: %s", file, lastLine(err))
	}
	known := names(settings(c), func(s setting) string { return s.key })
	var unknown []string
	for _, key := range v.AllKeys() {
		if !slices.Contains(known, key) {
			unknown = append(unknown, fmt.Sprintf("the key %q is unknown%s", key, hint(key, known)))
		}
	}
	if len(unknown) > 0 {
		slices.Sort(unknown)
		return usageError("%s: %s", file, strings.Join(unknown, "; "))
	}
	return nil
}

// linked matches what Kubernetes and Docker set by themselves where a service
// is called portico.
var linked = regexp.MustCompile(`^PORTICO_([A-Z0-9_]+_)?(SERVICE_HOST|SERVICE_PORT|PORT)(_|$)`)

func checkEnvironment(environ []string, c *Config) error {
	known := append(names(settings(c), setting.env), envConfig, envServer, envKey)
	for _, pair := range environ {
		name, _, _ := strings.Cut(pair, "=")
		switch {
		case !strings.HasPrefix(name, "PORTICO_"), strings.HasPrefix(name, "PORTICO_TEST_"):
		case slices.Contains(known, name), linked.MatchString(name):
		default:
			return usageError("the environment variable %s is unknown%s", name, hint(name, known))
		}
	}
	return nil
}

// lastLine is what a library's error of many lines comes down to.
func lastLine(err error) string {
	lines := strings.Split(strings.TrimSpace(err.Error()), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}

// print writes the configuration as a file that could be its source, secrets
// masked.
func (c *Config) print(out *printer) {
	section := []string{}
	for _, s := range settings(c) {
		path := strings.Split(s.key, ".")
		for i, part := range path[:len(path)-1] {
			if i >= len(section) || section[i] != part {
				section = append(section[:i], part)
				out.f("%s%s:\n", strings.Repeat("  ", i), part)
			}
		}
		section = section[:len(path)-1]
		indent := strings.Repeat("  ", len(path)-1)
		out.f("%s%s # %s\n", indent, s.line(path[len(path)-1]), s.doc)
	}
}

// line is the key and its value in YAML. All text is quoted: some would be
// something else without, such as [::1]:8180.
func (s setting) line(name string) string {
	text := s.text()
	switch s.value.Interface().(type) {
	case string, DSN, Secret:
		text = strconv.Quote(text)
	case []string:
		text = "[" + strings.Join(names(s.items(), strconv.Quote), ", ") + "]"
	}
	return name + ": " + text
}
