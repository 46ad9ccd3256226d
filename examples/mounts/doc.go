// Package mounts serves deskauth from net/http's mux and from four other routers: it mounts
// both handlers under a prefix and guards a route with the middlewares. docs/embedding.md
// quotes it.
//
// It is a module of its own and not in go.work: the routers have large dependencies.
package mounts
