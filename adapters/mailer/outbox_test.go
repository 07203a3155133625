package mailer_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/portico-authz/portico/adapters/mailer"
)

func TestOutbox(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out", "box")
	m, err := mailer.NewOutbox(dir, mailer.Letter{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := m.SendInvitation(t.Context(), invitation); err != nil {
			t.Fatal(err)
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.txt"))
	if err != nil || len(files) != 3 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	info, err := os.Stat(files[0])
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil || !strings.Contains(string(text), "\nToken: invite_abc-DEF_1\n") {
		t.Errorf("%v in\n%s", err, text)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := m.SendInvitation(t.Context(), invitation); err == nil {
		t.Error("a folder that is gone took a message")
	}
}

func TestPrinter(t *testing.T) {
	var out strings.Builder
	if err := mailer.NewPrinter(&out, letter(t)).SendInvitation(t.Context(), invitation); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Zoë Ñandú", "as Advisor", "join#invite_abc-DEF_1", "31 January 2027 18:00 UTC"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

func TestNewLetter(t *testing.T) {
	for link, ok := range map[string]bool{
		"":                                      true,
		"https://portal.example/join#{token}":   true,
		"https://portal.example/?t={token}":     true,
		"http://localhost:3000/{token}":         true,
		"http://127.0.0.1/{token}":              true,
		"http://portal.example/{token}":         false,
		"https://portal.example/join":           false,
		"https://portal.example/{token}{token}": false,
		"ftp://portal.example/{token}":          false,
		"/join#{token}":                         false,
		"https://%zz/{token}":                   false,
	} {
		if _, err := mailer.NewLetter(link); (err == nil) != ok {
			t.Errorf("%q: %v", link, err)
		}
	}
}
