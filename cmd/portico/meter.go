package main

import (
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
)

// patience is how long something may take before its progress is shown.
const patience = time.Second

// meter shows how far something has come, once it takes long: as a bar on a
// terminal, as lines of the log elsewhere. It is for one goroutine.
type meter struct {
	out      io.Writer
	log      *slog.Logger
	what     string
	terminal bool
	began    time.Time
	told     time.Time
	bar      *progressbar.ProgressBar
}

func newMeter(out io.Writer, log *slog.Logger, what string) *meter {
	return &meter{out: out, log: log, what: what, terminal: isTerminal(out), began: time.Now()}
}

// set says that done of total is done.
func (m *meter) set(done, total int) {
	now := time.Now()
	if now.Sub(m.began) < patience {
		return
	}
	if m.terminal {
		if m.bar == nil {
			m.bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(m.out), progressbar.OptionSetDescription(m.what),
				progressbar.OptionShowCount(), progressbar.OptionSetWidth(30), progressbar.OptionClearOnFinish(),
				progressbar.OptionThrottle(100*time.Millisecond))
		}
		_ = m.bar.Set(done) // a bar that can't be drawn is no failure
		return
	}
	if now.Sub(m.told) >= 2*time.Second {
		m.told = now
		m.log.Info("progress", "of", m.what, "done", done, "total", total)
	}
}

// done takes the bar away.
func (m *meter) done() {
	if m.bar != nil {
		_ = m.bar.Finish()
	}
}

// isTerminal reports whether somebody watches. A device that isn't one, such
// as /dev/null, may be taken for a terminal, which does no harm.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
