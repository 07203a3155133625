package story

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

// Params is the body of a request.
type Params map[string]any

// request is one request to the API. user is the person for whom the
// application acts; with nobody there, the operator acts.
type request struct {
	method, path, user string
	body               Params
}

// Answer has what stories read of any answer; what an answer doesn't have stays
// empty. [Answer.Read] reads the rest.
type Answer struct {
	Summary string // of an operation: what was done
	Impact  struct {
		Gains, Losses []any // of a dry run: what somebody could do then, or no more
	}
	Decision    string   // of a check
	Text        string   // of an explanation
	Permissions []string // of a list of permissions

	// Of a view: what is listed.
	Entries     []Entry
	Grants      []struct{ Staff Entry }
	Members     []struct{ Staff Entry }
	Candidates  []struct{ Staff Entry }
	Clients     []struct{ Client Entry }
	Assignments []struct{ Entry Entry }
	Records     []struct {
		Summary string
		Actor   struct{ User string }
	}

	// Of a refusal, which is a problem document of RFC 9457.
	Code   string
	Detail string
	Errors []struct{ Location, Message string }

	text []byte
}

// Entry is what people read of an object.
type Entry struct{ Object, Title, State, Role string }

// Titles returns what the listed things are called.
func (a Answer) Titles() []string {
	var list []string
	for _, e := range a.Entries {
		list = append(list, e.Title)
	}
	for _, people := range [][]struct{ Staff Entry }{a.Grants, a.Members, a.Candidates} {
		for _, p := range people {
			list = append(list, p.Staff.Title)
		}
	}
	for _, c := range a.Clients {
		list = append(list, c.Client.Title)
	}
	for _, x := range a.Assignments {
		list = append(list, x.Entry.Title)
	}
	return list
}

// reason is what a refusal says, with what is wrong with the request.
func (a Answer) reason() string {
	words := a.Detail
	for _, e := range a.Errors {
		words += ", " + strings.TrimPrefix(e.Location, "body.") + ": " + e.Message
	}
	return words
}

// Read reads what an answer has beside the fields of Answer. What can't be read
// stays as it is, which whoever expects it will notice.
func (a Answer) Read(into any) { _ = json.Unmarshal(a.text, into) }

// ask sends a request and reads the answer. A refusal is an answer.
func (p place) ask(ctx context.Context, q request) (Answer, error) {
	var body io.Reader
	if q.body != nil {
		text, err := json.Marshal(q.body)
		if err != nil {
			return Answer{}, err
		}
		body = bytes.NewReader(text)
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, q.method, p.url+q.path, body)
	if err != nil {
		return Answer{}, err
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
		return Answer{}, err
	}
	defer func() { _ = response.Body.Close() }() // it was only read
	var a Answer
	if a.text, err = io.ReadAll(response.Body); err != nil {
		return a, err
	}
	if err := json.Unmarshal(a.text, &a); err != nil {
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
