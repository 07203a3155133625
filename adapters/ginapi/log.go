package ginapi

import (
	"context"
	"log/slog"
	"regexp"

	"github.com/portico-authz/portico/engine"
)

// logFailure logs the cause of a failure that is not the caller's fault; as an
// error, unless they just didn't wait.
func (s *server) logFailure(ctx context.Context, err error) {
	level := slog.LevelError
	if abandoned(ctx, err) {
		level = slog.LevelDebug
	}
	s.Log.LogAttrs(ctx, level, "request failed", slog.String("request", requestID(ctx)),
		slog.String("code", string(engine.CodeOf(err))), slog.String("error", scrub(err.Error())))
}

// What a driver or a server that failed may repeat of a request: e-mail
// addresses, which user ids may be, as they are and as [schema.EncodeID] writes
// them; API keys; invitations; JSON Web Tokens.
var secrets = regexp.MustCompile(`[^\s"'<>()\[\]{},;:]+(?:@|=40|%40)[^\s"'<>()\[\]{},;:#]+` +
	`|portico_[A-Za-z0-9_-]{30,}|invite_[A-Za-z0-9_-]{20,}|eyJ[A-Za-z0-9._-]{20,}`)

// scrub takes out of a text what must not be in a log.
func scrub(text string) string { return secrets.ReplaceAllString(text, "***") }
