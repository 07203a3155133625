package main

// demoHint is something to try in a demo: what it shows, and the command.
type demoHint struct{ shows, command string }

// viewHint asks the API for what the first firm's owner sees of it.
func viewHint(shows, path string) demoHint {
	return demoHint{shows, `curl -s "$PORTICO_SERVER/v1/partners/` + demoPartner + path +
		`" -H "Authorization: Bearer $PORTICO_KEY" -H 'Portico-Actor: user:` + demoOwner + `'`}
}

// print tells what to try. key is empty if it was shown before.
func (d demo) print(out *printer, url, key string) {
	out.f(`
The demo: %s, which user:%s signed up, and %s, signed up by user:%s.
user:%s works for both. Try, elsewhere:

  export PORTICO_SERVER=%s
`, demoPartner, demoOwner, demoLastPartner, demoLastOwner, demoAdvisor, url)
	if key == "" {
		out.f("\nPut the key that the first start showed into PORTICO_KEY.\n")
	} else {
		out.f("  export PORTICO_KEY=%s\n", key)
	}
	for _, h := range d.hints {
		out.f("\n%s:\n  %s\n", h.shows, h.command)
	}
}
