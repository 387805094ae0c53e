const assert = require('node:assert');
const { test } = require('node:test');
const { gross } = require('.');

test('adds the tax without binary rounding', () => {
  assert.strictEqual(gross('0.10', '0.10'), '0.11');
});
