package mailer

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"time"

	"github.com/portico-authz/portico/engine"
)

// recipient returns the address that the message goes to, checked: nothing that
// somebody typed reaches a header or a command unparsed.
func recipient(m engine.InvitationMail) (mail.Address, error) {
	parsed, err := mail.ParseAddress(m.Email)
	if err != nil || parsed.Address != m.Email || strings.ContainsFunc(m.Email, unsafe) {
		return mail.Address{}, engine.Errorf(engine.Invalid, "the e-mail address is not one")
	}
	return mail.Address{Name: oneLine(m.ContactName), Address: parsed.Address}, nil
}

func unsafe(r rune) bool { return r <= ' ' || r == 0x7f || r == '<' || r == '>' }

// message writes an e-mail after RFC 5322: headers in ASCII, the text as
// quoted-printable UTF-8.
func message(from, to mail.Address, subject, text string, now time.Time) ([]byte, error) {
	var b bytes.Buffer
	header := func(name, value string) { fmt.Fprintf(&b, "%s: %s\r\n", name, value) }
	header("From", from.String())
	header("To", to.String())
	header("Subject", mime.QEncoding.Encode("utf-8", subject))
	header("Date", now.UTC().Format(time.RFC1123Z))
	header("Message-ID", messageID(from))
	header("MIME-Version", "1.0")
	header("Content-Type", "text/plain; charset=utf-8")
	header("Content-Transfer-Encoding", "quoted-printable")
	header("Auto-Submitted", "auto-generated") // so that no robot answers it
	b.WriteString("\r\n")

	w := quotedprintable.NewWriter(&b)
	if _, err := w.Write([]byte(strings.ReplaceAll(text, "\n", "\r\n"))); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil { // it holds the last line back until then
		return nil, err
	}
	return b.Bytes(), nil
}

func messageID(from mail.Address) string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails, since Go 1.24
	_, domain, _ := strings.Cut(from.Address, "@")
	return "<" + hex.EncodeToString(b[:]) + "@" + domain + ">"
}
