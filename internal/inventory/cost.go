package inventory

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Money is an amount of money in millionths, of a US dollar unless the price is in another
// currency. It is a whole number, so that sums are exact.
type Money int64

// one is 1 of the currency.
const one Money = 1_000_000

// DefaultPrice is the price of a session for one hour: 0.015 USD. It is an assumption (A0195):
// AWS has a price for each Region, and no answer of EC2 shows it.
const DefaultPrice Money = 15_000

// HoursPerMonth is the number of hours that AWS counts for a month in its price examples.
const HoursPerMonth = 730

// maxPrice is far above any price, and far below what could overflow.
const maxPrice = 1000 * one

// Of returns the cost of so many sessions for one hour.
func (m Money) Of(sessions int) Money { return m * Money(sessions) }

// Monthly returns the cost of a month, of a cost of an hour.
func (m Money) Monthly() Money { return m * HoursPerMonth }

// String returns the amount as a decimal number, without zeros at its end: "0.015", "10.95".
func (m Money) String() string {
	text := fmt.Sprintf("%d.%06d", m/one, m%one)
	return strings.TrimRight(strings.TrimRight(text, "0"), ".")
}

// ParsePrice reads a price for one hour.
func ParsePrice(field string, price *big.Float) (Money, mirror.Problems) {
	refuse := func(wrong string) (Money, mirror.Problems) {
		return 0, mirror.Problems{{
			Kind: mirror.Invalid, Field: field, Wrong: wrong,
			Fix: fmt.Sprintf("Write the price of one session for one hour, from 0 to %s, with at most 6 decimals, such as %s.", maxPrice, DefaultPrice),
		}}
	}
	text := price.Text('g', 20)
	if price.Sign() < 0 || price.Cmp(big.NewFloat(float64(maxPrice/one))) > 0 {
		return refuse("is " + text)
	}
	millionths := new(big.Float).SetPrec(512).Mul(price, big.NewFloat(float64(one)))
	whole, _ := new(big.Float).Add(millionths, big.NewFloat(0.5)).Int64()
	// What a calculation in the configuration rounds, such as 1 / 3, is far smaller than this.
	const tolerance = 1e-6
	rest, _ := new(big.Float).Sub(millionths, big.NewFloat(float64(whole))).Float64()
	if rest > tolerance || rest < -tolerance {
		return refuse(fmt.Sprintf("is %s, which has more than 6 decimals", text))
	}
	return Money(whole), nil
}
