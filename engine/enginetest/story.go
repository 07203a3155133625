package enginetest

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// A story tells how one or more rules of a portal show. It plays at a partner
// of its own, whose id stands for $p.
type story struct {
	Rules []string `yaml:"rules"`
	Name  string   `yaml:"name"`
	Steps []step   `yaml:"steps"`
}

// step is one of: a firm with people, an operation, expected decisions, a
// list, an explanation.
type step struct {
	Firm people `yaml:"firm"` // seat: role; the first signs up and invites the others
	Hire people `yaml:"hire"` // seat: role, invited by boss
	Boss string `yaml:"boss"`

	Do      string         `yaml:"do"`
	As      string         `yaml:"as"`
	With    map[string]any `yaml:"with"`
	Accept  string         `yaml:"accept"` // the address whose invitation As accepts
	Refused string         `yaml:"refused"`
	Says    string         `yaml:"says"`

	Allow []string `yaml:"allow"` // "resource permission person", or a subject such as staff:$p/ana
	Deny  []string `yaml:"deny"`

	List  string            `yaml:"list"`
	Of    map[string]string `yaml:"of"`
	Is    []string          `yaml:"is"`    // these, in this order
	Holds []string          `yaml:"holds"` // these, and maybe others
	Lacks []string          `yaml:"lacks"` // not these

	Explain string `yaml:"explain"` // "resource permission person"
}

// newcomer is somebody who gets a seat.
type newcomer struct{ name, role string }

// people are newcomers in the order in which the story names them.
type people []newcomer

// UnmarshalYAML implements [yaml.Unmarshaler]; a Go map has no order.
func (p *people) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: want {seat: role, …}", n.Line)
	}
	for i := 0; i < len(n.Content); i += 2 {
		*p = append(*p, newcomer{n.Content[i].Value, n.Content[i+1].Value})
	}
	return nil
}

var hours = regexp.MustCompile(`\$hours[+-]\d+`)

// fill puts the partner's id in place of $p, and in place of $hours+2 the time
// in two hours, as RFC 3339; $hours-2 was two hours ago.
func fill(s, partner string) string {
	s = strings.ReplaceAll(s, "$p", partner)
	return hours.ReplaceAllStringFunc(s, func(from string) string {
		n, _ := strconv.Atoi(strings.TrimPrefix(from, "$hours")) // it matched
		return time.Now().UTC().Add(time.Duration(n) * time.Hour).Format(time.RFC3339)
	})
}

// fillAll fills every string of a parameter's value, lists and maps included.
func fillAll(value any, partner string) any {
	switch v := value.(type) {
	case string:
		return fill(v, partner)
	case []any:
		list := make([]any, len(v))
		for i, x := range v {
			list[i] = fillAll(x, partner)
		}
		return list
	case map[string]any:
		m := map[string]any{}
		for k, x := range v {
			m[fill(k, partner)] = fillAll(x, partner)
		}
		return m
	}
	return value
}
