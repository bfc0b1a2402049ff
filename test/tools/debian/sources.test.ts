import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deb822Uris, mirrorCandidates, oneLineUris } from '../../../tools/debian/sources.ts';

test('addresses are read from one-line entries', () => {
  const text = [
    '# deb http://off.example/debian sid main',
    'deb http://a.example/debian bookworm main',
    'deb [arch=amd64 signed-by=/x.gpg] https://b.example/x/ stable main',
    'deb-src http://c.example/debian bookworm main',
    '',
  ].join('\n');
  assert.deepEqual(oneLineUris(text), ['http://a.example/debian', 'https://b.example/x/']);
});

test('addresses are read from deb822 stanzas, except switched-off ones', () => {
  const text = [
    'Types: deb',
    '# URIs: http://comment.example/debian',
    'URIs: http://a.example/debian http://b.example/debian',
    '  http://c.example/debian',
    'Suites: bookworm',
    '',
    'Types: deb',
    'URIs: http://off.example/debian',
    'Enabled: no',
  ].join('\n');
  assert.deepEqual(deb822Uris(text), [
    'http://a.example/debian',
    'http://b.example/debian',
    'http://c.example/debian',
  ]);
});

test('plain archives are tried before frozen ones, and foreign ones never', () => {
  const frozen = 'https://snap.example/archive/debian/20250101T000000Z';
  const uris = ['https://other.example/apt', 'cdrom:x', `${frozen}/`, 'http://a.example/debian-security'];
  assert.deepEqual(mirrorCandidates(uris, undefined), [
    'https://snap.example/debian',
    'http://a.example/debian',
    frozen,
  ]);
  assert.deepEqual(mirrorCandidates(uris, 'http://mine.example/debian'), ['http://mine.example/debian']);
});
