package storetest

var byIDClauses = []clause{{
	Name: "Unknown",
	Says: "UserByID returns an error wrapping ErrUserNotFound if no account has the ID.",
	Mend: findMend,
	Test: func(p *probe) {
		p.noID("unknown") // in an empty store
		p.create(fullAccount("known"))
		p.noID("unknown")
		p.noID("know")
		p.noID("known2")
		p.noID(emailOf("known"))
	},
}, {
	Name: "EmptyID",
	Says: "No account has the empty ID.",
	Mend: "Look an empty ID up like any other. It must not drop the condition from the query.",
	Test: func(p *probe) {
		p.create(fullAccount("one"))
		p.create(bareAccount("two"))
		p.noID("")
	},
}, {
	Name: "PlainText",
	Says: "An ID is plain text: not a pattern, not quoted, not code.",
	Mend: "Compare with =, and pass the ID as a parameter.",
	Test: func(p *probe) {
		a := fullAccount("victim")
		p.create(a)
		for _, pattern := range patterns("victim") {
			p.noID(pattern)
		}
		p.holds(a)
	},
}}

var byEmailClauses = []clause{{
	Name: "Unknown",
	Says: "UserByEmail returns an error wrapping ErrUserNotFound if no account has the address.",
	Mend: findMend,
	Test: func(p *probe) {
		p.noEmail("unknown@example.com") // in an empty store
		p.create(fullAccount("known"))
		p.noEmail("unknown@example.com")
		p.noEmail("known@example.co")
		p.noEmail("nown@example.com")
		p.noEmail("known")
	},
}, {
	Name: "EmptyEmail",
	Says: "No account has the empty address.",
	Mend: "Answer ErrUserNotFound to \"\" before the look-up, or store the empty address as NULL.",
	Test: func(p *probe) {
		p.noEmail("")
		p.create(bareAccount("one"))
		p.create(bareAccount("two"))
		p.noEmail("")
		a := fullAccount("three")
		p.create(a)
		a.Email = ""
		p.update(a)
		p.noEmail("")
	},
}, {
	Name: "PlainText",
	Says: "An address is plain text: not a pattern, not quoted, not code.",
	Mend: "Compare with =, and pass the address as a parameter.",
	Test: func(p *probe) {
		a := fullAccount("victim")
		p.create(a)
		for _, pattern := range patterns(a.Email) {
			p.noEmail(pattern)
		}
		p.holds(a)
	},
}}

const findMend = "Turn the driver's \"no rows\" into ErrUserNotFound with %w. " +
	"Never return a zero Account without an error."

// patterns returns texts that find the key where a store reads more into them than bytes.
func patterns(key string) []string {
	return []string{
		"%", "_%", key[:3] + "%", "_" + key[1:], "*", key[:3] + "*", ".*", "^" + key, key + "$", "?" + key[1:],
		"' OR '1'='1", "' OR 1=1 --", `" OR ""="`, `\' OR 1=1 --`,
		key + "'", key + "' --", key + "'; DROP TABLE users; --", `\` + key,
		"{\"$ne\":null}", "[$ne]", "$1", "?", ":id", "null", "../" + key, key + "/", " " + key, key + " ",
	}
}
