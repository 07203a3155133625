package engine_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// FuzzCursor: what is sealed is read back for its own list, and for no other.
func FuzzCursor(f *testing.F) {
	e := engine.New(nil, nil, &schema.Portal{}, nil)
	f.Add([]byte("list"), int64(7), "token", "acme/retail", 3)
	f.Add([]byte{}, int64(-1), "", "", 0)
	f.Fuzz(func(t *testing.T, list []byte, epoch int64, token, after string, at int) {
		want := engine.Cursor{List: list, Epoch: epoch, Token: engine.Token(token), After: after}
		sealed := e.SealCursor(want)
		got, err := e.OpenCursor(sealed, list)
		if err != nil {
			t.Fatal(err)
		}
		// JSON writes what is no UTF-8 as the replacement character; ids and tokens are ASCII.
		want.Token, want.After = engine.Token(valid(token)), valid(after)
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("read back (-want +got):\n%s", diff)
		}
		if _, err := e.OpenCursor(sealed, append([]byte("x"), list...)); engine.CodeOf(err) != engine.Invalid {
			t.Errorf("another list's: %v", err)
		}
		forged := []byte(sealed)
		forged[(at%len(forged)+len(forged))%len(forged)] ^= 1
		if _, err := e.OpenCursor(string(forged), list); engine.CodeOf(err) != engine.Invalid {
			t.Errorf("a changed one: %v", err)
		}
	})
}

func valid(s string) string { return string([]rune(s)) }

// FuzzOpenCursor: nothing that the engine didn't seal is a cursor.
func FuzzOpenCursor(f *testing.F) {
	e := engine.New(nil, nil, &schema.Portal{}, nil)
	f.Add("")
	f.Add("AAAA")
	f.Fuzz(func(t *testing.T, s string) {
		if c, err := e.OpenCursor(s, []byte("list")); engine.CodeOf(err) != engine.Invalid {
			t.Errorf("%q is taken for %+v", s, c)
		}
	})
}

// FuzzReadToken: a token has one form.
func FuzzReadToken(f *testing.F) {
	f.Add(engine.ReadToken{Domain: "acme", Epoch: 7}.String())
	f.Add(engine.ReadToken{Domain: schema.PlatformDomain, Epoch: 1}.String())
	f.Add("YWNtZUA5")
	f.Fuzz(func(t *testing.T, s string) {
		token, err := engine.ParseReadToken(s)
		if err != nil {
			return
		}
		again, err := engine.ParseReadToken(token.String())
		if err != nil || again != token {
			t.Errorf("%q is %+v, and written again %+v (%v)", s, token, again, err)
		}
	})
}
