package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// params is the body of a request.
type params map[string]any

// request is one request to the API. user is the person for whom the
// application acts; with nobody there, the operator acts.
type request struct {
	method, path, user string
	body               params
}

// answer has what the story reads of any answer; what an answer doesn't have
// stays empty.
type answer struct {
	Object  string // of an operation: what was made or changed
	Summary string // of an operation: what was done
	Impact  struct {
		Losses []any // of a dry run: what somebody could do no more
	}
	Decision    string   // of a check
	Text        string   // of an explanation
	Permissions []string // of a list of permissions
	Types       map[string]struct {
		Permissions []string // of the portal: all that there are, by the type of object
	}

	// Of a view: what is listed.
	Entries []entry
	Grants  []struct{ Staff entry }
	Clients []struct{ Client entry }
	Records []struct {
		Summary string
		Actor   struct{ User string }
	}

	// Of a folder's matrix: a row for each member of staff, with a cell for each account.
	Accounts []entry
	Rows     []struct {
		Staff entry
		Cells []struct{ Enabled, Access bool }
	}

	// Of a refusal, which is a problem document of RFC 9457.
	Code   string
	Detail string
}

// entry is what people read of an object.
type entry struct{ Object, Title, State, Role string }

// titles returns what the listed things are called.
func (a answer) titles() []string {
	var list []string
	for _, e := range a.Entries {
		list = append(list, e.Title)
	}
	for _, g := range a.Grants {
		list = append(list, g.Staff.Title)
	}
	for _, c := range a.Clients {
		list = append(list, c.Client.Title)
	}
	return list
}

// ask sends a request and reads the answer. A refusal is an answer.
func (p place) ask(ctx context.Context, q request) (answer, error) {
	var body io.Reader
	if q.body != nil {
		text, err := json.Marshal(q.body)
		if err != nil {
			return answer{}, err
		}
		body = bytes.NewReader(text)
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, q.method, p.url+q.path, body)
	if err != nil {
		return answer{}, err
	}
	r.Header.Set("Authorization", "Bearer "+p.key)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if q.user != "" {
		r.Header.Set("Portico-Actor", q.user)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = response.Body.Close() }() // it was only read
	var a answer
	if err := json.NewDecoder(response.Body).Decode(&a); err != nil {
		return a, fmt.Errorf("%s %s: %s and no JSON: %w", q.method, q.path, response.Status, err)
	}
	if response.StatusCode > 299 && a.Code == "" {
		return a, fmt.Errorf("%s %s: %s and no problem document", q.method, q.path, response.Status)
	}
	return a, nil
}

var tokenLine = regexp.MustCompile(`(?m)^Token: (\S+)$`)

// invitation returns the token that was mailed last to the address. People get
// it in a link; here the server wrote the mail into its outbox.
func (p place) invitation(email string) (string, error) {
	files, err := filepath.Glob(filepath.Join(p.outbox, "*.txt"))
	if err != nil {
		return "", err
	}
	slices.Sort(files) // their names begin with the time
	for _, file := range slices.Backward(files) {
		text, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		if m := tokenLine.FindSubmatch(text); m != nil && strings.Contains(string(text), "<"+email+">") {
			return string(m[1]), nil
		}
	}
	return "", fmt.Errorf("no mail to %s in %s", email, p.outbox)
}
