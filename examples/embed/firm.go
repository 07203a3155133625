package main

import (
	"context"

	"github.com/portico-authz/portico/engine"
)

// firm is the one partner of the demonstration.
const firm = "harbour"

// accounts are the application's own data: what is guarded. Portico knows that
// these accounts exist and who may reach them, not what is in them.
var accounts = map[string]map[string]string{ // by folder and account
	"retail": {"ledger": "Retail's ledger: 1,200.00"},
	"bakery": {"oven": "The bakery's oven: 14 rates left"},
}

// seed makes the firm on the very first start, by the operations that anybody
// would use: Olga signs up, makes folders with accounts, invites Vera, and adds
// her to one of the folders.
func (p *portal) seed(ctx context.Context) error {
	if _, _, err := p.ViewPartner(ctx, engine.PersonActor("olga"), firm); err == nil {
		return nil
	}
	steps := []engine.Operation{
		&engine.SignUp{Partner: firm, Staff: "olga", Title: "Harbour", ContactName: "Olga", Email: "olga@harbour.example"},
		&engine.CreateClient{Partner: firm, Client: "retail", Title: "Retail"},
		&engine.AddAccount{Partner: firm, Client: "retail", Account: "ledger", Title: "Ledger"},
		&engine.CreateClient{Partner: firm, Client: "bakery", Title: "Bakery"},
		&engine.AddAccount{Partner: firm, Client: "bakery", Account: "oven", Title: "Oven"},
		&engine.InviteStaff{Partner: firm, Staff: "vera", ContactName: "Vera", Email: "vera@harbour.example", Role: "advisor"},
		&engine.AddClientStaff{Partner: firm, Client: "retail", Staff: "vera"}, // it counts once she accepts
	}
	for _, step := range steps {
		if _, err := p.Do(ctx, engine.PersonActor("olga"), step, nil); err != nil {
			return err
		}
	}
	accept := &engine.AcceptInvitation{Token: p.inbox.token("vera@harbour.example")}
	_, err := p.Do(ctx, engine.PersonActor("vera"), accept, nil)
	return err
}
