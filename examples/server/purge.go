package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/accounts"
)

const (
	purgeInterval = time.Hour

	// leastIdle is the default Config.GuestTTL of 30 days, a day, and more than the leeway.
	// By then every token of an idle guest has expired, so nobody loses a session.
	leastIdle = 32 * 24 * time.Hour

	// purgeLimit is how many guests are deleted at a time. So a backlog does not keep the
	// database busy for hours.
	purgeLimit = 100_000
)

// startPurging purges idle guests if the options say so. stop waits for a purge that is
// running, as long as there is time.
func startPurging(ctx context.Context, o options, users *store, logger *slog.Logger) (stop func()) {
	if o.purgeGuests == 0 {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	var purger sync.WaitGroup
	cfg := accounts.PurgeConfig{EvenAll: o.purgeEvenAll}
	purger.Go(func() { purgeGuests(ctx, users.UserStore, o.purgeGuests, cfg, logger) })
	return func() {
		cancel()
		within(purgeTimeout, logger, "a purge to end", func() error { purger.Wait(); return nil })
	}
}

// purgeGuests deletes the guests who have been idle for longer than idle, now and every
// hour until ctx ends.
func purgeGuests(
	ctx context.Context, store deskauth.UserStore, idle time.Duration, cfg accounts.PurgeConfig, logger *slog.Logger,
) {
	ticker := time.NewTicker(purgeInterval)
	defer ticker.Stop()
	for {
		deleted, err := accounts.PurgeIdle(ctx, store, deskauth.KindGuest, time.Now().Add(-idle), purgeLimit, cfg)
		if deleted > 0 || err == nil {
			logger.Info("idle guests deleted", "guests", deleted, "idle", idle)
		}
		if err != nil && ctx.Err() == nil {
			logger.Error("purging idle guests failed", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
