//go:build !failpoints

package failpoint

// Enabled reports whether the program was built with failpoints.
const Enabled = false

// Reach stops or ends the process here if a test asked for it.
func Reach(Point) {}

// Has reports whether the process is to have the defect.
func Has(Defect) bool { return false }
