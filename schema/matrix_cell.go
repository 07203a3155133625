package schema

import (
	"maps"
	"slices"
	"strings"
)

// What a cell says if nothing more is needed, and if nothing helps.
const (
	cellYes = "yes"
	cellNo  = "-"
)

// cell says the ways to a permission, in the notation of [MatrixRow].
func (s *stage) cell(ways []term) string {
	groups := map[string][][]string{} // needs, by what takes them away
	for _, w := range ways {
		taking := strings.Join(s.names(w.unless), " or ")
		groups[taking] = append(groups[taking], s.names(w.needs))
	}
	var parts []string
	for _, taking := range slices.Sorted(maps.Keys(groups)) {
		parts = append(parts, clause(alternatives(groups[taking]), taking))
	}
	if len(parts) == 0 {
		return cellNo
	}
	return strings.Join(parts, ", or ")
}

func (s *stage) names(indexes []int) []string {
	names := make([]string, len(indexes))
	for i, index := range indexes {
		names[i] = s.personal[index].name
	}
	slices.Sort(names)
	return names
}

func clause(needs, taking string) string {
	switch {
	case taking == "":
		return needs
	case strings.Contains(needs, " or "):
		return "(" + needs + ") unless " + taking
	}
	return needs + " unless " + taking
}

// alternatives writes sets of which one is needed, shortened: names that can
// stand for each other everywhere are put together, so that a&c, a&d, b&c and
// b&d become (a or b) and (c or d).
func alternatives(sets [][]string) string {
	for {
		same := exchangeable(sets)
		if same == nil {
			break
		}
		sets = exchange(sets, same)
	}
	var all []string
	for _, set := range sets {
		all = append(all, conjunction(set))
	}
	slices.Sort(all)
	return strings.Join(all, " or ")
}

func conjunction(set []string) string {
	switch len(set) {
	case 0:
		return cellYes
	case 1:
		return set[0]
	}
	parts := slices.Clone(set)
	for i, part := range parts {
		if strings.Contains(part, " or ") {
			parts[i] = "(" + part + ")"
		}
	}
	slices.Sort(parts)
	return strings.Join(parts, " and ")
}

// exchangeable returns two or more names that stand beside the same others,
// or nil.
func exchangeable(sets [][]string) []string {
	beside := map[string][]string{}
	for _, set := range sets {
		for _, name := range set {
			beside[name] = append(beside[name], strings.Join(without(set, []string{name}), "&"))
		}
	}
	names := slices.Sorted(maps.Keys(beside))
	for _, name := range names {
		slices.Sort(beside[name])
	}
	for _, name := range names {
		same := slices.DeleteFunc(slices.Clone(names), func(other string) bool {
			return !slices.Equal(beside[name], beside[other])
		})
		if len(same) > 1 {
			return same
		}
	}
	return nil
}

// exchange puts one name in the place of those that are exchangeable.
func exchange(sets [][]string, same []string) [][]string {
	var parts []string
	for _, name := range same {
		parts = append(parts, strings.Split(name, " or ")...)
	}
	slices.Sort(parts)
	together := strings.Join(parts, " or ")
	var next [][]string
	for _, set := range sets {
		if slices.ContainsFunc(set, func(name string) bool { return slices.Contains(same, name) }) {
			set = append(without(set, same), together)
			slices.Sort(set)
		}
		if !slices.ContainsFunc(next, func(other []string) bool { return slices.Equal(other, set) }) {
			next = append(next, set)
		}
	}
	return next
}

func without(set, names []string) []string {
	return slices.DeleteFunc(slices.Clone(set), func(name string) bool { return slices.Contains(names, name) })
}
