//go:build !failpoints

package failpoint

// Reach stops or ends the process here if a test asked for it.
func Reach(Point) {}

// Has reports whether the process is to have the defect.
func Has(Defect) bool { return false }
