package oidc

import (
	"errors"
	"net/http"
	"net/netip"
	"net/url"
)

// checkURL fails unless what comes from the address is the issuer's own: by
// https, or on loopback. Whoever could change the keys on their way could sign
// for everybody. The error goes on after the address.
func checkURL(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http":
		return errors.New("is not a URL")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return errors.New("must be https")
	}
	return nil
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// keepingEncryption returns a client that follows no redirect from https to
// http, nor to any other address that checkURL refuses.
func keepingEncryption(client *http.Client) *http.Client {
	kept := *client
	kept.CheckRedirect = func(next *http.Request, via []*http.Request) error {
		if checkURL(next.URL.String()) != nil || via[len(via)-1].URL.Scheme == "https" && next.URL.Scheme != "https" {
			return errors.New("the redirect leaves https")
		}
		if client.CheckRedirect != nil {
			return client.CheckRedirect(next, via)
		}
		if len(via) >= 10 { // as net/http's default
			return errors.New("too many redirects")
		}
		return nil
	}
	return &kept
}
