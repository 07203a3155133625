package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// param is one parameter of an operation, as a flag.
type param struct {
	name     string // of the JSON property: contact_name
	flag     string // contact-name
	doc      string
	example  string
	required bool
	value    reflect.Value
}

// paramsOf returns the parameters of an operation from its json, doc and
// example tags, in the order of its fields. Their values are op's own.
func paramsOf(op engine.Operation) []param {
	v := reflect.ValueOf(op).Elem()
	var list []param
	for i := range v.NumField() {
		field := v.Type().Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if !field.IsExported() || name == "" || name == "-" {
			continue
		}
		list = append(list, param{
			name: name, flag: strings.ReplaceAll(name, "_", "-"),
			doc: field.Tag.Get("doc"), example: field.Tag.Get("example"),
			required: !strings.Contains(options, "omit"), value: v.Field(i),
		})
	}
	return list
}

// add makes the parameter a flag.
func (p param) add(cmd *cobra.Command) {
	usage := p.doc
	if p.required {
		usage += " Required."
	}
	switch v := p.value.Addr().Interface().(type) {
	case *string:
		cmd.Flags().StringVar(v, p.flag, "", usage)
	case *bool:
		cmd.Flags().BoolVar(v, p.flag, false, usage)
	case *int:
		cmd.Flags().IntVar(v, p.flag, 0, usage)
	case *int64:
		cmd.Flags().Int64Var(v, p.flag, 0, usage)
	case *[]string:
		cmd.Flags().StringSliceVar(v, p.flag, nil, usage+" Several as `one,other`, or by repeating the flag.")
	case *time.Time:
		cmd.Flags().TimeVar(v, p.flag, time.Time{}, []string{time.RFC3339, time.DateOnly}, usage)
	case *map[string]string:
		cmd.Flags().StringToStringVar(v, p.flag, nil, usage+" As `name=name`; several with commas between, or by repeating the flag.")
		cmd.Flag(p.flag).DefValue = "" // pflag would show []
	case *map[string]bool:
		cmd.Flags().Func(p.flag, usage+" As name=true or name=false; may be repeated.", func(s string) error {
			name, text, ok := strings.Cut(s, "=")
			if !ok || text != "true" && text != "false" {
				return errors.New("want name=true or name=false")
			}
			if *v == nil {
				*v = map[string]bool{}
			}
			(*v)[name] = text == "true"
			return nil
		})
	default:
		cmd.Flags().Func(p.flag, usage+" As JSON.", func(s string) error { return json.Unmarshal([]byte(s), v) })
	}
}

// named are the parameters that name what an operation makes.
var named = []string{"partner", "staff", "client", "account", "group", "project", "record", "event"}

// madeUp is what the engine will name because no parameter does; "" if nothing.
func madeUp(params []param) string {
	for _, p := range params {
		if slices.Contains(named, p.name) && !p.required && p.value.IsZero() {
			return p.name
		}
	}
	return ""
}

// neededToo has the optional parameters of which an operation needs one or
// another, for its example.
var neededToo = map[string][]string{
	"sign_up":      {"contact_name"},
	"invite_staff": {"contact_name"},
	"edit_staff":   {"email"},
	"edit_event":   {"title"},
	"hand_over":    {"to"},
}

// exampleOf is how somebody would call the operation, in the portal if it is
// known.
func exampleOf(name string, params []param, portal *schema.Portal) string {
	line := "  portico do " + name
	needed := neededToo[name]
	if portal != nil && portal.Staff.Names == schema.NamesFirstAndLast && slices.Contains(needed, "contact_name") {
		needed = []string{"first_name", "last_name"}
	}
	for _, p := range params {
		if p.required || slices.Contains(needed, p.name) {
			line += " --" + p.flag + "=" + quoted(p.sample(name, portal))
		}
	}
	return line + " --as user:ana@acme.example --dry-run"
}

// sample is a value of the parameter, as it is typed.
func (p param) sample(operation string, portal *schema.Portal) string {
	if p.name == "role" && portal != nil {
		if roles := portal.RolesGivenBy(operation); len(roles) > 0 {
			return roles[0]
		}
	}
	var list []string
	if _, ok := p.value.Interface().([]string); ok && json.Unmarshal([]byte(p.example), &list) == nil {
		return strings.Join(list, ",")
	}
	return p.example
}

func quoted(s string) string {
	if strings.ContainsAny(s, " '\"$…") {
		return "'" + s + "'"
	}
	return s
}

// maxParams is the largest JSON that is read as parameters.
const maxParams = 1 << 20

// readParams fills the operation from JSON; a property that it doesn't have
// fails, and names the nearest.
func readParams(r io.Reader, op engine.Operation, params []param) error {
	text, err := io.ReadAll(io.LimitReader(r, maxParams+1))
	if err != nil {
		return err
	}
	var given map[string]json.RawMessage
	if err := json.Unmarshal(text, &given); err != nil || len(text) > maxParams {
		return usageError("--json: want one JSON object of at most %d bytes", maxParams)
	}
	known := make([]string, len(params))
	for i, p := range params {
		known[i] = p.name
	}
	for name := range given {
		if !slices.Contains(known, name) {
			return usageError("--json: %s has no parameter %q%s", op.Name(), name, hint(name, known))
		}
	}
	for _, p := range params {
		raw, there := given[p.name]
		if !there && p.required {
			return usageError("--json: the parameter %q is missing", p.name)
		}
		if !there {
			continue
		}
		if err := json.Unmarshal(raw, p.value.Addr().Interface()); err != nil {
			return usageError("--json: %s: %s", p.name, fmt.Sprint(err))
		}
	}
	return nil
}
