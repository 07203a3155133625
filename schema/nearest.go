package schema

import (
	"slices"
	"strings"
)

// maxListed is how many names a hint lists when none is near.
const maxListed = 8

// hint returns the end of a message about an unknown name: the nearest of the
// known ones, or all of them if none is near and they are few.
func hint(name string, known []string) string {
	if near := Nearest(name, known); near != "" {
		return "; did you mean " + near + "?"
	}
	if len(known) == 0 || len(known) > maxListed {
		return ""
	}
	return "; there is " + strings.Join(slices.Sorted(slices.Values(known)), ", ")
}

// Nearest returns the known name that somebody who wrote name may have meant,
// "" if none is near enough.
func Nearest(name string, known []string) string {
	best, distance := "", len(name)/3+2
	for _, k := range known {
		if d := editDistance(name, k); d < distance {
			best, distance = k, d
		}
	}
	return best
}

// editDistance is Levenshtein's: how many bytes to insert, delete or replace.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
