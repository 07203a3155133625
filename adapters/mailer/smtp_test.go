package mailer_test

import (
	"context"
	"io"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/portico-authz/portico/adapters/mailer"
	"github.com/portico-authz/portico/engine"
)

var invitation = engine.InvitationMail{
	Email: "zoe@acme.example", ContactName: "Zoë Ñandú", Partner: "Ärzte & Söhne", Role: "Advisor",
	Token: "invite_abc-DEF_1", ExpiresAt: time.Date(2027, 1, 31, 18, 0, 0, 0, time.UTC),
}

func letter(t *testing.T) mailer.Letter {
	t.Helper()
	l, err := mailer.NewLetter("https://portal.example/join#{token}")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func newSMTP(t *testing.T, address string, opts *mailer.SMTPOptions) *mailer.SMTP {
	t.Helper()
	m, err := mailer.NewSMTP(address, "Portal <no-reply@portal.example>", letter(t), opts)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestSMTPDelivers(t *testing.T) {
	server := &fakeServer{}
	server.start(t)
	if err := newSMTP(t, server.Address, nil).SendInvitation(t.Context(), invitation); err != nil {
		t.Fatal(err)
	}
	got, err := mail.ReadMessage(strings.NewReader(server.Message()))
	if err != nil {
		t.Fatalf("%v in\n%s", err, server.Message())
	}
	for i := range len(server.Message()) {
		if server.Message()[i] > 126 {
			t.Fatalf("the message isn't ASCII at byte %d", i)
		}
	}
	subject, err := (&mime.WordDecoder{}).DecodeHeader(got.Header.Get("Subject"))
	if err != nil || subject != "You are invited to join Ärzte & Söhne" {
		t.Errorf("subject %q, %v", subject, err)
	}
	to, err := got.Header.AddressList("To")
	if err != nil || len(to) != 1 || to[0].Address != invitation.Email || to[0].Name != invitation.ContactName {
		t.Errorf("to %v, %v", to, err)
	}
	body, err := io.ReadAll(quotedprintable.NewReader(got.Body))
	if err != nil || !strings.Contains(string(body), "https://portal.example/join#invite_abc-DEF_1\r\n") {
		t.Errorf("%v: no link in\n%s", err, body)
	}
	if !strings.HasSuffix(string(body), "nothing happens.\r\n") {
		t.Errorf("the end is missing in\n%s", body)
	}
	if !server.Told("MAIL FROM:<no-reply@portal.example>") || !server.Told("RCPT TO:<zoe@acme.example>") || !server.Told("QUIT") {
		t.Error("the envelope is incomplete")
	}
}

func TestSMTPEncrypts(t *testing.T) {
	config, roots := selfSigned(t)
	server := &fakeServer{TLS: config}
	server.start(t)
	m := newSMTP(t, server.Address, &mailer.SMTPOptions{Roots: roots, Username: "portico", Password: "secret"})
	if err := m.SendInvitation(t.Context(), invitation); err != nil {
		t.Fatal(err)
	}
	if !server.Encrypted() || server.Message() == "" || !server.Told("AUTH PLAIN") {
		t.Error("it was not sent, logged in, over TLS")
	}

	untrusted := newSMTP(t, server.Address, nil)
	if err := untrusted.SendInvitation(t.Context(), invitation); engine.CodeOf(err) != engine.Unavailable {
		t.Errorf("a server that nobody vouches for: %v", err)
	}
}

func TestSMTPRefusesPlaintext(t *testing.T) {
	server := &fakeServer{}
	server.start(t)
	m := newSMTP(t, server.Address, &mailer.SMTPOptions{Username: "portico", Password: "secret"})
	m.Pretend("mail.example")
	err := m.SendInvitation(t.Context(), invitation)
	if err == nil || !strings.Contains(err.Error(), "STARTTLS") {
		t.Errorf("got %v", err)
	}
	if server.Told("AUTH") || server.Told("MAIL") {
		t.Error("something was told in the clear")
	}
}

func TestSMTPInjection(t *testing.T) {
	server := &fakeServer{}
	server.start(t)
	m := newSMTP(t, server.Address, nil)
	evil := invitation
	evil.ContactName, evil.Partner = "Eve\r\nBcc: all@acme.example", "Acme\nX-Evil: 1\n\n.\nQUIT"
	if err := m.SendInvitation(t.Context(), evil); err != nil {
		t.Fatal(err)
	}
	got, err := mail.ReadMessage(strings.NewReader(server.Message()))
	if err != nil {
		t.Fatal(err)
	}
	if got.Header.Get("Bcc") != "" || got.Header.Get("X-Evil") != "" {
		t.Errorf("headers were injected: %v", got.Header)
	}
	for _, address := range []string{
		"a@b.example\r\nRCPT TO:<c@d.example>", "a@b.example, c@d.example", "Eve <a@b.example>", "a b@c.example", "", "<a@b.example>",
	} {
		evil.Email = address
		if err := m.SendInvitation(t.Context(), evil); engine.CodeOf(err) != engine.Invalid {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func TestSMTPGivesUp(t *testing.T) {
	deaf := &fakeServer{Deaf: true}
	deaf.start(t)
	m := newSMTP(t, deaf.Address, &mailer.SMTPOptions{Timeout: 50 * time.Millisecond})
	if err := m.SendInvitation(t.Context(), invitation); engine.CodeOf(err) != engine.Unavailable {
		t.Errorf("a server that says nothing: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := newSMTP(t, deaf.Address, nil).SendInvitation(ctx, invitation); engine.CodeOf(err) != engine.Unavailable {
		t.Errorf("a cancelled delivery: %v", err)
	}
	full := &fakeServer{Refuse: "552 <zoe@acme.example>: mailbox full"}
	full.start(t)
	err := newSMTP(t, full.Address, nil).SendInvitation(t.Context(), invitation)
	if engine.CodeOf(err) != engine.Unavailable || strings.Contains(err.Error(), invitation.Token) ||
		strings.Contains(err.Error(), invitation.Email) || !strings.HasSuffix(err.Error(), "RCPT: 552") {
		t.Errorf("a server that refuses: %v", err)
	}
	odd := &fakeServer{Refuse: "zoe@acme.example?"}
	odd.start(t)
	err = newSMTP(t, odd.Address, nil).SendInvitation(t.Context(), invitation)
	if engine.CodeOf(err) != engine.Unavailable || strings.Contains(err.Error(), invitation.Email) {
		t.Errorf("a server that speaks something else: %v", err)
	}
}

func TestNewSMTPRefuses(t *testing.T) {
	for _, bad := range [][2]string{
		{"mail.example", "a@b.example"}, {":587", "a@b.example"}, {"mail.example:587", "nobody"}, {"mail.example:587", "a@b.example\r\nX: y"},
	} {
		if _, err := mailer.NewSMTP(bad[0], bad[1], mailer.Letter{}, nil); err == nil {
			t.Errorf("%q from %q was taken", bad[0], bad[1])
		}
	}
}
