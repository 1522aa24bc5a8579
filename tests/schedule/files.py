"""A small programme file to change in tests."""

SMALL = """\
meeting:
  slug: igf2014
  number: 9
  name: {en: Ninth Annual Meeting, ja: 第9回}
  timezone: Europe/Istanbul
  first_day: 2014-09-02
  days: 4
  day_zero: true
  track_label: Sub-theme
  venue: Lütfi Kırdar ICEC
tracks:
  - {key: trust, name: Enhancing Digital Trust}
session_types:
  - {key: workshop, name: {en: Workshop, ja: ワークショップ}, colour: blue, mark: WS, usual_minutes: 90}
  - {key: open-forum, name: Open Forum, usual_minutes: 60}
rooms:
  - {key: wr01, name: Workshop Room 01, capacity: 120}
  - {key: wr02, name: Workshop Room 02, stream: https://stream.example/2}
sessions:
  - code: ws1
    title: {en: Protecting Child Safety, ja: 子どもの安全}
    type: workshop
    track: trust
    room: wr01
    day: 2014-09-02
    start: 09:30
    end: 11:00
    tags: [safety, rights]
    people:
      - {part: chair, name: Larry Magid, organisation: ConnectSafely.org, stakeholder_group: civil-society}
      - {part: organiser, organisation: UNESCO}
  - code: ws2
    title: The Second
    type: workshop
    room: wr01
    day: 2014-09-02
    start: 11:30
  - code: ws3
    title: The Third
    type: open-forum
"""
