package embedded_test

import (
	"context"
	"fmt"
	"math"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"
)

// row is what one measure gave, with one stat for each graph.
type row struct {
	measure string
	firms   int
	unit    unit
	stats   []stat
}

// stat is in seconds or bytes, less being better. Zero means not measured.
type stat struct{ median, p95 float64 }

type unit int

const (
	seconds   unit = iota // per call
	perSecond             // seconds per relationship, shown the other way round
	bytes
)

func statOf(samples []time.Duration) stat {
	slices.Sort(samples)
	at := func(q float64) float64 {
		return samples[int(math.Ceil(q*float64(len(samples))))-1].Seconds()
	}
	return stat{median: at(0.5), p95: at(0.95)}
}

// table returns the rows, of three graphs each, as Markdown.
func table(rows []row) string {
	var w strings.Builder
	w.WriteString("\n| measure | firms | memdb | ours | PostgreSQL | memdb ÷ ours | PostgreSQL ÷ ours |\n" +
		"|---|---:|---:|---:|---:|---:|---:|\n")
	for _, r := range rows {
		memdb, ours, postgres := r.stats[0], r.stats[1], r.stats[2]
		fmt.Fprintf(&w, "| %s | %d | %s | %s | %s | %s | %s |\n", r.measure, r.firms,
			r.unit.format(memdb), r.unit.format(ours), r.unit.format(postgres), ratio(memdb, ours), ratio(postgres, ours))
	}
	fmt.Fprintf(&w, "\nMedian (95th percentile). Ratios are of the medians, above 1 where ours is better. "+
		"A firm has %d relationships. Nothing caches answers.\n\n", firmSize)
	return w.String()
}

func (u unit) format(s stat) string {
	switch {
	case s.median == 0:
		return "-"
	case u == perSecond:
		return fmt.Sprintf("%.0f/s", 1/s.median)
	case u == bytes:
		return fmt.Sprintf("%.0f B", s.median)
	default:
		return fmt.Sprintf("%s (%s)", span(s.median), span(s.p95))
	}
}

// span writes three digits of a time.
func span(s float64) string {
	for _, u := range []struct {
		name string
		size float64
	}{{"µs", 1e-6}, {"ms", 1e-3}, {"s", 1}} {
		if n := s / u.size; n < 999.5 || u.size == 1 {
			return fmt.Sprintf("%.*f %s", max(0, 2-int(math.Log10(max(n, 1)))), n, u.name)
		}
	}
	panic("unreachable")
}

func ratio(a, b stat) string {
	if a.median == 0 || b.median == 0 {
		return "-"
	}
	switch r := a.median / b.median; {
	case r < 1:
		return fmt.Sprintf("%.2f", r)
	case r < 9.95:
		return fmt.Sprintf("%.1f", r)
	default:
		return fmt.Sprintf("%.0f", r)
	}
}

// machine returns what the numbers depend on.
func machine(ctx context.Context, postgres string) string {
	return fmt.Sprintf("%s, GOMAXPROCS=%d, %s/%s, %s, SpiceDB %s, PostgreSQL %s, %s\n",
		cpu(), runtime.GOMAXPROCS(0), runtime.GOOS, runtime.GOARCH, runtime.Version(),
		version(ctx, "github.com/authzed/spicedb"), postgres, time.Now().UTC().Format(time.DateOnly))
}

// cpu returns the processor's name, where the system tells.
func cpu() string {
	info, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(info)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown processor"
}

// version returns the version of a module that go.mod names.
func version(ctx context.Context, module string) string {
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Version}}", module).Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}
