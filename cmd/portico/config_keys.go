package main

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/portico-authz/portico/schema"
)

// setting is one key of the configuration: the leaf of Config that it sets.
type setting struct {
	key   string // spicedb.ca_file
	doc   string
	value reflect.Value // of the Config that it was found in
}

// settings returns the leaves of a *Config in the order of its fields.
func settings(c *Config) []setting { return settingsIn("", reflect.ValueOf(c).Elem()) }

func settingsIn(prefix string, v reflect.Value) []setting {
	var list []setting
	for i := range v.NumField() {
		field := v.Type().Field(i)
		key := prefix + field.Tag.Get("mapstructure")
		if doc := field.Tag.Get("doc"); doc != "" {
			list = append(list, setting{key: key, doc: doc, value: v.Field(i)})
		} else {
			list = append(list, settingsIn(key+".", v.Field(i))...)
		}
	}
	return list
}

func (s setting) secret() bool { return s.value.Type() == reflect.TypeFor[Secret]() }

// within reports whether it is the key itself, or one of the section.
func (s setting) within(section string) bool {
	return s.key == section || strings.HasPrefix(s.key, section+".")
}

// env is the variable that sets the key: PORTICO_SPICEDB_CA_FILE.
func (s setting) env() string {
	return "PORTICO_" + strings.ToUpper(strings.ReplaceAll(s.key, ".", "_"))
}

// text is the value as it is printed and given: masked, lists with commas.
func (s setting) text() string {
	if s.value.Kind() == reflect.Slice {
		return strings.Join(s.items(), ",")
	}
	return fmtValue(s.value.Interface())
}

// items is the value of a key that has a list; nil of any other.
func (s setting) items() []string {
	list, _ := s.value.Interface().([]string)
	return list
}

// trim makes "a, b" of the environment or a flag the list that it is meant as.
func (s setting) trim() {
	for i, item := range s.items() {
		s.items()[i] = strings.TrimSpace(item)
	}
}

func names[T any](list []T, name func(T) string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = name(s)
	}
	return out
}

// hint ends a message about an unknown name with the known one that somebody
// may have meant, if there is one so near.
func hint(name string, known []string) string {
	near := schema.Nearest(name, known)
	if near == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", near)
}
