const Big = require('big.js');

/** Price with value added tax, as text with two decimals. */
function gross(net, rate) {
  return new Big(net).times(new Big(rate).plus(1)).toFixed(2);
}

module.exports = { gross };
