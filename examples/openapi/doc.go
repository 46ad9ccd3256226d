// Package openapi holds the OpenAPI document of deskauth's HTTP handlers, which is
// httpadapter/openapi.json, to what they answer, and shows a client that is made from it:
// client/client.ts.
//
// It has tests alone, in a module of its own, so that deskauth needs no validator.
package openapi
