// Customtoken prints a custom token. It signs one the way the backend of another system
// does when it renders a page with the chat widget for its user.
//
//	go run ./examples/customtoken -project demo -secret 8b4ac5b9-…  -id 123
package main

import (
	"flag"
	"fmt"
	"log"
	"time"

	"github.com/deskauth/deskauth/examples/internal/sign"
)

func main() {
	log.SetFlags(0)
	issuer := flag.String("issuer", "https://tiledesk.com", "the `URL` that deskauth has as its issuer")
	project := flag.String("project", "demo", "the `ID` of the project")
	secret := flag.String("secret", "", "the secret of the project, a `TEXT`")
	id := flag.String("id", "123", "the user's `ID` in your system, which never changes and is never reused")
	guest := flag.String("guest", "", "the session `TOKEN` of the guest that the user was, to link it")
	flag.Parse()
	if *secret == "" {
		log.Fatal("customtoken: -secret is missing: give the SECRET of the server's -project ID=SECRET")
	}

	now := time.Now()
	claims := map[string]any{
		"_id":       *id,
		"sub":       "userexternal",
		"aud":       *issuer + "/projects/" + *project,
		"iat":       now.Unix(),
		"exp":       now.Add(5 * time.Minute).Unix(), // long enough to load the page
		"firstname": "Ada",
		"lastname":  "Lovelace",
		"email":     "ada@example.com",
		"plan":      "gold", // any other claim is for your agents to see
	}
	if *guest != "" {
		claims["guest_token"] = *guest
	}
	token, err := sign.CustomToken(*secret, claims)
	if err != nil {
		log.Fatalf("customtoken: sign the claims: %v", err)
	}
	fmt.Println(token)
}
