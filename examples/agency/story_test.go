package main_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// agency builds the command and returns what runs it.
func agency(t *testing.T) func(args ...string) (stdout, stderr string, err error) {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "agency")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return func(args ...string) (string, string, error) {
		cmd := exec.CommandContext(t.Context(), binary, args...)
		var stdout, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		err := cmd.Run()
		return stdout.String(), stderr.String(), err
	}
}

// The story is told at a server of its own, from the first rule to the last.
func TestStory(t *testing.T) {
	stdout, stderr, err := agency(t)()
	if err != nil {
		t.Fatalf("%v: %s\n%s", err, stderr, stdout)
	}
	var rules []string
	for n := range 22 {
		rules = append(rules, fmt.Sprintf("AG-%d", n+1))
	}
	for n := range 4 {
		rules = append(rules, fmt.Sprintf("XP-%d", n+1))
	}
	for _, rule := range rules {
		if !strings.Contains(stdout, "\n"+rule+"  ") {
			t.Errorf("%s isn't told", rule)
		}
	}
}

// A server that says yes to everybody is found out at the first chance.
func TestSurprise(t *testing.T) {
	yes := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"summary":"did it","decision":"allow"}`)
	}))
	defer yes.Close()
	stdout, stderr, err := agency(t)("-server", yes.URL, "-key", "any", "-outbox", t.TempDir())
	if err == nil || !strings.Contains(stderr, "a surprise at AG-1: may Eve enter? want deny, got \"allow\"") {
		t.Errorf("got %v, %s", err, stderr)
	}
	if strings.Contains(stdout, "AG-4") {
		t.Errorf("the story goes on after a surprise: %s", stdout)
	}
}

func TestWrongArguments(t *testing.T) {
	run := agency(t)
	for _, args := range [][]string{{"-server", "http://127.0.0.1:1"}, {"-key", "any"}, {"more"}, {"-unknown"}} {
		if _, stderr, err := run(args...); err == nil || !strings.Contains(stderr, "agency: ") {
			t.Errorf("%v: got %v, %s", args, err, stderr)
		}
	}
}
