package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/redislimit"
	"github.com/redis/go-redis/v9"
)

// A limiter counts attempts, and the server prints where.
type limiter struct {
	deskauth.Limiter        // nil for the one of the library
	where            string // for people to read; it has no password in it
	close            func() error
}

// checkLimiter returns an error if the value of -limiter cannot be right. It asks nobody.
func checkLimiter(name string) error {
	if name == "memory" {
		return nil
	}
	if isRedis(name) {
		_, err := parseRedisURL(name)
		return err
	}
	return fmt.Errorf("-limiter%s is not a limiter: choose memory or redis://HOST:PORT/DATABASE", shownScheme(name))
}

func isRedis(name string) bool {
	return strings.HasPrefix(name, "redis://") || strings.HasPrefix(name, "rediss://")
}

// parseRedisURL parses a URL of Redis. Its error shows nothing of the URL: where one is
// malformed, any part may be of a password. A # or @ behind the host is such a part.
func parseRedisURL(text string) (*redis.Options, error) {
	parsed, err := url.Parse(text)
	malformed := err != nil || strings.Contains(text, "#") || strings.Contains(parsed.RequestURI(), "@")
	if !malformed && (hasColon(parsed.User.Username()) || strings.Contains(parsed.Host, "%")) {
		return nil, errors.New("-limiter has an escaped : or @: write the : before the password, and the @ before " +
			"the host, as they are")
	}
	if !malformed {
		if o, err := redis.ParseURL(text); err == nil {
			o.ContextTimeoutEnabled = true
			return o, nil
		}
	}
	return nil, errors.New("-limiter is not a URL like redis://USER:PASSWORD@HOST:6379/0 " +
		"(in a password write %40 for @, %2F for /, %3F for ?, %23 for #)")
}

// openLimiter opens a limiter whose name has passed checkLimiter. Redis may be away: the
// server starts, and counts in memory meanwhile.
func openLimiter(ctx context.Context, name string, logger *slog.Logger) (*limiter, error) {
	if !isRedis(name) {
		return &limiter{where: "memory, for this process", close: func() error { return nil }}, nil
	}
	o, err := parseRedisURL(name)
	if err != nil {
		return nil, err
	}
	redis.SetLogger(redisLogger{logger})
	client := redis.NewClient(o)
	counts, err := redislimit.New(client, redislimit.Options{Logger: logger})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("-limiter: %w", err), client.Close())
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	if err := client.Ping(ctx).Err(); err != nil {
		logger.Warn("Redis is away, so attempts are counted in memory until it is back", "error", err)
	}
	where := fmt.Sprintf("Redis at %s, database %d", o.Addr, o.DB)
	return &limiter{Limiter: counts, where: where, close: client.Close}, nil
}

// A redisLogger takes what the client of Redis logs by itself, such as each connection that
// fails. The limiter says what matters of it.
type redisLogger struct{ logger *slog.Logger }

func (l redisLogger) Printf(ctx context.Context, format string, args ...any) {
	l.logger.DebugContext(ctx, fmt.Sprintf(format, args...))
}

// hasColon reports whether a user, however often it is escaped, has a colon: then a
// password stands behind it.
func hasColon(user string) bool {
	for !strings.Contains(user, ":") {
		plain, err := url.PathUnescape(user)
		if err != nil || plain == user {
			return false
		}
		user = plain
	}
	return true
}
