package check_test

import (
	"regexp"
	"strings"
	"testing"
)

var pinned = regexp.MustCompile(`:v?\d+\.\d+(\.\d+)?[\w.-]*$`)

// instructions are a Dockerfile's, continued lines joined.
func instructions(text string) []string {
	var list []string
	continues := false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		part := strings.TrimSuffix(line, "\\")
		if continues {
			list[len(list)-1] += part
		} else {
			list = append(list, part)
		}
		continues = part != line
	}
	return list
}

func TestImage(t *testing.T) {
	wants := map[string]string{ // instruction, and what it says
		"USER ":       "USER 65532:65532",
		"EXPOSE ":     "EXPOSE 8180",
		"ENTRYPOINT ": `ENTRYPOINT ["/usr/local/bin/portico"]`,
		"CMD ":        `CMD ["serve"]`,
	}
	var stages int
	for _, line := range instructions(read(t, "image", "Dockerfile")) {
		if from, ok := strings.CutPrefix(line, "FROM "); ok {
			stages++
			checkBase(t, from)
		}
		if strings.HasPrefix(line, "RUN ") && strings.Contains(line, "go build") {
			for _, part := range []string{"CGO_ENABLED=0", "-trimpath", `-ldflags="-s -w"`, "./cmd/portico"} {
				if !strings.Contains(line, part) {
					t.Errorf("the build lacks %s: %s", part, line)
				}
			}
		}
		for start, want := range wants {
			if strings.HasPrefix(line, start) {
				if line != want {
					t.Errorf("got %s, want %s", line, want)
				}
				delete(wants, start)
			}
		}
	}
	for _, want := range wants {
		t.Errorf("there is no %s", want)
	}
	if stages != 2 {
		t.Errorf("there are %d stages, want a build and an image without its tools", stages)
	}
}

// checkBase checks one FROM: a version, and of Go the one that go.mod names.
func checkBase(t *testing.T, from string) {
	t.Helper()
	fields := strings.Fields(from)
	image := fields[0]
	if strings.HasPrefix(image, "--platform=") {
		image = fields[1]
	}
	if image == "scratch" {
		return
	}
	if !pinned.MatchString(image) {
		t.Errorf("FROM %s: the version isn't pinned", image)
	}
	_, version, _ := strings.Cut(read(t, "..", "go.mod"), "\ngo ")
	version, _, _ = strings.Cut(version, "\n")
	if strings.HasPrefix(image, "golang:") && !strings.HasPrefix(image, "golang:"+version+"-") {
		t.Errorf("FROM %s: go.mod has go %s", image, version)
	}
}
