package msticpy

import "strings"

// retired are top-level domains that were on the public suffix list in 2021,
// which MSTICPy's tldextract carries, and have been given up since.
//
//nolint:misspell // passagens is one
var retired = wordSet(`
	abarth adac afamilycompany alfaromeo avianca bananarepublic bentley budapest bugatti
	cancerresearch caseih cbs ceb cityeats comcast cookingchannel csc dabur duck dunlop etisalat
	fiat foodnetwork frontdoor fujixerox glade guardian hgtv hoteles intel iveco jcp
	kerrylogistics kinder lancaster lancia linde lipsy lixil loft lupin macys maserati mutual
	nationwide natura newholland northwesternmutual off oldnavy onyourside passagens pramerica
	qvc raid redstone rmit rocher sca scjohnson ses shaw showtime shriram spreadbetting
	swiftcover tiffany travelchannel volkswagen vuelos xfinity`)

// newer are those that came since.
var newer = wordSet("kids music")

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		set[w] = true
	}
	return set
}
