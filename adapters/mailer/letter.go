package mailer

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode"

	"github.com/portico-authz/portico/engine"
)

// tokenMark stands for the invitation's token in a link's template.
const tokenMark = "{token}"

// Letter writes what an invited person reads: plain text in UTF-8. The zero
// Letter has no link, and shows the token itself.
type Letter struct{ link string }

// NewLetter returns a letter whose link is made from a template, such as
// https://portal.example/join#{token}. The mark {token} must be in it once. An
// empty template makes the zero Letter.
//
// A token in the fragment, as above, stays out of the logs of servers.
func NewLetter(link string) (Letter, error) {
	if link == "" {
		return Letter{}, nil
	}
	u, err := url.Parse(strings.ReplaceAll(link, tokenMark, "token"))
	switch {
	case strings.Count(link, tokenMark) != 1:
		return Letter{}, fmt.Errorf("the link %q must have %s in it, once", link, tokenMark)
	case err != nil:
		return Letter{}, errors.New("the link is not a URL")
	case u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return Letter{}, fmt.Errorf("the link %q must start with https:// and name a host", link)
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return Letter{}, fmt.Errorf("the link %q must be https: the token is a secret", link)
	}
	return Letter{link: link}, nil
}

// Subject returns the message's subject, one line.
func (l Letter) Subject(m engine.InvitationMail) string {
	return "You are invited to join " + oneLine(m.Partner)
}

// Text returns the message's body, its lines ended by \n.
func (l Letter) Text(m engine.InvitationMail) string {
	until := m.ExpiresAt.UTC().Format("2 January 2006 15:04 UTC")
	how := "To accept, give this token to the portal when you have signed in:"
	way := m.Token
	if l.link != "" {
		how = "To accept, open this link and sign in:"
		way = strings.Replace(l.link, tokenMark, url.QueryEscape(m.Token), 1)
	}
	return fmt.Sprintf(`Hello %s,

%s invites you to join its staff as %s.

%s

%s

This works once, until %s. If you don't know %s, ignore this
message: nothing happens.
`, oneLine(m.ContactName), oneLine(m.Partner), oneLine(m.Role), how, way, until, oneLine(m.Partner))
}

// oneLine keeps what somebody typed from starting lines of its own.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s)
}
