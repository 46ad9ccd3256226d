package pgxstore_test

import (
	"context"
	"sync"
	"testing"

	"github.com/deskauth/deskauth/pgxstore"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A panicky tracer panics in one of its hooks.
type panicky struct {
	mu     sync.Mutex
	hook   string // "" for none
	hurt   map[*pgx.Conn]bool
	reused bool // a connection on which it has panicked
}

func (p *panicky) in(hook string, conn *pgx.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.reused = p.reused || p.hook == "" && p.hurt[conn]
	if p.hook == hook {
		p.hurt[conn] = true
		panic("the tracer panics in " + hook)
	}
}

func (p *panicky) set(hook string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hook = hook
}

func (p *panicky) TraceQueryStart(ctx context.Context, c *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	p.in("TraceQueryStart", c)
	return ctx
}

func (p *panicky) TraceQueryEnd(_ context.Context, c *pgx.Conn, _ pgx.TraceQueryEndData) {
	p.in("TraceQueryEnd", c)
}

func (p *panicky) TraceBatchStart(ctx context.Context, c *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	p.in("TraceBatchStart", c)
	return ctx
}

func (p *panicky) TraceBatchQuery(_ context.Context, c *pgx.Conn, _ pgx.TraceBatchQueryData) {
	p.in("TraceBatchQuery", c)
}

func (p *panicky) TraceBatchEnd(_ context.Context, c *pgx.Conn, _ pgx.TraceBatchEndData) {
	p.in("TraceBatchEnd", c)
}

func (p *panicky) TracePrepareStart(ctx context.Context, c *pgx.Conn, _ pgx.TracePrepareStartData) context.Context {
	p.in("TracePrepareStart", c)
	return ctx
}

func (p *panicky) TracePrepareEnd(_ context.Context, c *pgx.Conn, _ pgx.TracePrepareEndData) {
	p.in("TracePrepareEnd", c)
}

// A tracer of the host that panics takes no place in the pool. A call leaves no connection
// there that has sent or read only a part.
func TestPanickingTracer(t *testing.T) {
	t.Parallel()
	direct := withSchema(t)
	if err := pgxstore.Migrate(t.Context(), open(t, direct)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ hook, call string }{
		{"TraceQueryStart", "ListUsers"},
		{"TraceQueryEnd", "ListUsers"},
		{"TracePrepareStart", "ListUsers"},
		{"TracePrepareEnd", "ListUsers"},
		{"TraceBatchStart", "CreateUser"},
		{"TraceBatchQuery", "CreateUser"},
		{"TraceBatchEnd", "CreateUser"},
		{"TraceQueryStart", "Migrate"},
		{"TraceQueryEnd", "Migrate"},
	} {
		t.Run(c.call+" in "+c.hook, func(t *testing.T) {
			t.Parallel()
			cfg, err := pgxpool.ParseConfig(direct)
			if err != nil {
				t.Fatal(err)
			}
			tracer := &panicky{hurt: make(map[*pgx.Conn]bool)}
			cfg.MaxConns, cfg.ConnConfig.Tracer = 4, tracer
			cfg.ShouldPing = func(context.Context, pgxpool.ShouldPingParams) bool { return false } // or the pool panics
			pool, err := pgxpool.NewWithConfig(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			r := &rig{store: pgxstore.New(pool), pool: pool}
			call := r.calls()[c.call]
			if c.call == "Migrate" {
				call = r.store.Migrate
			}

			tracer.set(c.hook)
			for range cfg.MaxConns + 2 {
				if err, panicked := recovered(t, call); !panicked {
					t.Fatalf("got the error %v, want the panic of the tracer", err)
				}
			}
			tracer.set("")
			for range cfg.MaxConns + 2 {
				if err := within(t, later, call); err != nil {
					t.Errorf("after the panics: got the error %v, want nil", err)
				}
			}
			if tracer.reused && c.call != "Migrate" {
				t.Error("a connection on which the tracer has panicked is used again")
			}
			eventually(t, "no connection is in use", func() bool { return pool.Stat().AcquiredConns() == 0 })
			pool.Close() // would wait for one that is in use
		})
	}
}

// recovered makes a call that may panic.
func recovered(t *testing.T, call func(context.Context) error) (err error, panicked bool) {
	t.Helper()
	defer func() { panicked = recover() != nil }()
	return within(t, later, call), false
}
