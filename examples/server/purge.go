package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/accounts"
)

const (
	purgeInterval = time.Hour
	// leastIdle is the guests' TTL, a day, and more than the leeway: their tokens are dead by
	// then, and deleting them takes nothing from anybody.
	leastIdle = 32 * 24 * time.Hour
	// purgeLimit is how many guests are deleted at a time, so that a backlog does not keep the
	// database busy for hours.
	purgeLimit = 100_000
)

// purgeGuests deletes guests who have been idle for so long, now and every hour until ctx
// ends.
func purgeGuests(ctx context.Context, store deskauth.UserStore, idle time.Duration, logger *slog.Logger) {
	ticker := time.NewTicker(purgeInterval)
	defer ticker.Stop()
	for {
		deleted, err := accounts.PurgeIdle(ctx, store, deskauth.KindGuest, time.Now().Add(-idle), purgeLimit)
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
