// Customtoken prints a custom token, signed the way the backend of another system signs
// one for its user when it renders a page with the chat widget.
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
	issuer := flag.String("issuer", "https://tiledesk.com", "the issuer that deskauth is configured with")
	project := flag.String("project", "demo", "the project ID")
	secret := flag.String("secret", "", "the project's secret")
	id := flag.String("id", "123", "the user's ID in your system: it never changes and is never reused")
	flag.Parse()
	if *secret == "" {
		log.Fatal("customtoken: -secret is missing: it is the SECRET of the server's -project ID=SECRET")
	}

	now := time.Now()
	token, err := sign.CustomToken(*secret, map[string]any{
		"_id":       *id,
		"sub":       "userexternal",
		"aud":       *issuer + "/projects/" + *project,
		"iat":       now.Unix(),
		"exp":       now.Add(5 * time.Minute).Unix(), // long enough to load the page
		"firstname": "Ada",
		"lastname":  "Lovelace",
		"email":     "ada@example.com",
		"plan":      "gold", // whatever else your agents should see
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(token)
}
