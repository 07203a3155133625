package check_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// pages are what operators read when there is no time for mistakes.
var pages = []string{"RUNBOOK.md", "BACKUP.md"}

var link = regexp.MustCompile(`\]\(([^)]+)\)`)

// TestPages checks the links of the pages.
func TestPages(t *testing.T) {
	for _, page := range pages {
		for _, found := range link.FindAllStringSubmatch(read(t, page), -1) {
			file, entry, _ := strings.Cut(found[1], "#")
			if file == "" {
				file = page
			}
			if _, err := os.Stat(filepath.Join(deploy, file)); err != nil {
				t.Errorf("%s: %v", page, err)
			} else if entry != "" && !slices.Contains(headings(t, file), entry) {
				t.Errorf("%s: %s has no %s", page, file, entry)
			}
		}
	}
}

var (
	command  = regexp.MustCompile("`portico ([a-z][^`…]*)`")
	argument = regexp.MustCompile(`\b[A-Z]{2,}\b`)
	rest     = regexp.MustCompile(` ([A-Z\[]|--).*`) // of a call, after the command's name
	services = regexp.MustCompile(`docker compose (?:run --rm|exec(?: -T)?|stop|up -d [a-z -]*--no-deps) ([a-z0-9-]+)`)
	route    = regexp.MustCompile(`https://portico\.example(/[^"?]*)`)
)

// TestPagesCommands checks that the binary has the commands of the pages, with
// their flags, and that none lacks an argument.
func TestPagesCommands(t *testing.T) {
	for _, page := range pages {
		for _, found := range command.FindAllStringSubmatch(read(t, page), -1) {
			words := strings.Fields(found[1])
			out, err := run(t, t.TempDir(), nil, portico(t), append(words, "--help")...)
			if err != nil {
				t.Errorf("%s: portico %s: %s", page, found[1], out)
				continue
			}
			usage := usageOf(out)
			if name := rest.ReplaceAllString(usage, ""); name != "portico "+rest.ReplaceAllString(found[1], "") {
				t.Errorf("%s: there is a %s, and no portico %s", page, name, found[1])
			}
			if want := argument.FindAllString(usage, -1); len(argument.FindAllString(found[1], -1)) < len(want) {
				t.Errorf("%s: portico %s lacks %v", page, found[1], want)
			}
		}
	}
}

// usageOf is the line of a command's help that says how it is called.
func usageOf(help string) string {
	_, line, _ := strings.Cut(help, "Usage:\n")
	line, _, _ = strings.Cut(line, "\n")
	return strings.TrimSpace(line)
}

// TestPagesServices checks that compose has the services that the pages name.
func TestPagesServices(t *testing.T) {
	project := compose(t)
	for _, page := range pages {
		all := services.FindAllStringSubmatch(read(t, page), -1)
		if len(all) == 0 {
			t.Errorf("%s names no service", page)
		}
		for _, found := range all {
			if _, err := project.GetService(found[1]); err != nil {
				t.Errorf("%s: %s: %v", page, found[0], err)
			}
		}
	}
}

// TestPagesRoutes checks that the API has what BACKUP asks it for.
func TestPagesRoutes(t *testing.T) {
	address, _ := serveDemo(t)
	var document struct {
		Paths map[string]any `json:"paths"`
	}
	if err := json.Unmarshal([]byte(ask(t, http.MethodGet, address+"/openapi.json", "", "")), &document); err != nil {
		t.Fatal(err)
	}
	all := route.FindAllStringSubmatch(read(t, "BACKUP.md"), -1)
	if len(all) == 0 {
		t.Error("BACKUP asks for nothing")
	}
	for _, found := range all {
		path := strings.Replace(found[1], "/acme/", "/{partner}/", 1)
		if _, ok := document.Paths[path]; !ok {
			t.Errorf("the API has no %s", path)
		}
	}
}
