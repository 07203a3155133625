package ginapi

import (
	"context"

	"github.com/portico-authz/portico/engine"
)

type recordQuery struct {
	PartnerPath
	PageQuery
	StateQuery
	Kind string `query:"kind" doc:"Only records of this kind; of every kind if missing."`
}

func (s *server) addRecordViews() {
	list := view{"list_records", partnerPath + "/records", "List the records that the acting person may see", "records"}
	addView(s, list, func(ctx context.Context, actor engine.Actor, in *recordQuery) (*reply[EntryList], error) {
		return entryList(s.engine.ViewRecords(ctx, actor, in.domain(), in.Kind, in.listing(), in.paging()))
	})
	s.choices(list, "kind", s.portal.Kinds["record"])
}
