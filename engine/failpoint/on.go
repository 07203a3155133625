//go:build failpoints

package failpoint

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// The environment variables that a test sets.
const (
	envFolder  = "PORTICO_TEST_FAILPOINTS" // a folder that holds orders
	envDefects = "PORTICO_TEST_DEFECTS"    // names, separated by commas
)

// The orders that a file named like a point may hold.
const (
	orderPause = "pause" // until the file is gone
	orderKill  = "kill"
)

// Reach obeys the order in the file named like the point, if there is one. It
// takes the order first, by renaming its file to NAME.reached: one process, and
// one caller, obeys it. A pause ends when that file is removed.
func Reach(p Point) {
	folder := os.Getenv(envFolder)
	if folder == "" {
		return
	}
	file := filepath.Join(folder, string(p))
	order, err := os.ReadFile(file)
	if err != nil || os.Rename(file, file+".reached") != nil {
		return
	}
	switch strings.TrimSpace(string(order)) {
	case orderKill:
		_ = syscall.Kill(syscall.Getpid(), syscall.SIGKILL)
		select {}
	case orderPause:
		for {
			if _, err := os.Stat(file + ".reached"); err != nil {
				return
			}
			time.Sleep(time.Millisecond)
		}
	}
}

// Has reports whether the process is to have the defect.
func Has(d Defect) bool { return defects()[d] }

var defects = sync.OnceValue(func() map[Defect]bool {
	named := map[Defect]bool{}
	for name := range strings.SplitSeq(os.Getenv(envDefects), ",") {
		named[Defect(name)] = true
	}
	return named
})
