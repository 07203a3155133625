package rediscache

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/redis/go-redis/v9"
)

// LogDriver sends what go-redis itself has to say to log, at level Debug:
// connections that failed, primaries that changed. Without it go-redis writes
// lines of its own form to standard error. It has one log per process, so this
// is the program's to call, once, before any [New].
func LogDriver(log *slog.Logger) { redis.SetLogger(driverLog{log}) }

type driverLog struct{ log *slog.Logger }

func (d driverLog) Printf(ctx context.Context, format string, args ...any) {
	if d.log.Enabled(ctx, slog.LevelDebug) {
		d.log.DebugContext(ctx, "go-redis", "message", fmt.Sprintf(format, args...))
	}
}
