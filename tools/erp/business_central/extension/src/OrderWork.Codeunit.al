// Never compiled, never run: see README.md.
// What API v2.0 cannot do with orders, as unbound OData actions. Each refuses what it did before, so a call
// whose answer was lost can be looked up (receiptLines, purchaseInvoiceLines, purchaseOrderLines) and is
// never carried out twice. Lines are JSON arrays, because actions take plain parameters only.
codeunit 50100 "EA Order Work"
{
    var
        ReceivedBeforeErr: Label 'Delivery note %1 of order %2 was received before, as %3.', Comment = '%1 = delivery note, %2 = order, %3 = receipt';
        NothingErr: Label 'There is nothing to receive.';
        LinesErr: Label 'The lines are not a JSON array of objects.';
        LinkedBeforeErr: Label 'Receipt %1, line %2 stands on invoice %3 already.', Comment = '%1 = receipt, %2 = line, %3 = invoice';
        BelowErr: Label 'Quantity %1 is less than what was received or invoiced on line %2.', Comment = '%1 = quantity, %2 = line';

    /// <summary>Posts a receipt alone. Lines: [{"lineNumber": 10000, "quantity": 5}]; every other line receives nothing.</summary>
    /// <returns>The number of the posted receipt.</returns>
    procedure PostReceipt(orderNumber: Text; deliveryNote: Text; postingDate: Date; lines: Text): Text
    var
        PurchaseHeader: Record "Purchase Header";
        PurchRcptHeader: Record "Purch. Rcpt. Header";
        PurchPost: Codeunit "Purch.-Post";
        Wanted: Dictionary of [Integer, Decimal];
    begin
        PurchRcptHeader.SetRange("Order No.", CopyStr(orderNumber, 1, MaxStrLen(PurchRcptHeader."Order No.")));
        PurchRcptHeader.SetRange("Vendor Shipment No.", CopyStr(deliveryNote, 1, MaxStrLen(PurchRcptHeader."Vendor Shipment No.")));
        if PurchRcptHeader.FindFirst() then
            Error(ReceivedBeforeErr, deliveryNote, orderNumber, PurchRcptHeader."No.");

        Wanted := QuantitiesOf(lines);
        PurchaseHeader.LockTable();
        PurchaseHeader.Get(PurchaseHeader."Document Type"::Order, orderNumber);
        PurchaseHeader.Validate("Posting Date", postingDate);
        PurchaseHeader."Vendor Shipment No." := CopyStr(deliveryNote, 1, MaxStrLen(PurchaseHeader."Vendor Shipment No."));
        PurchaseHeader.Receive := true;
        PurchaseHeader.Invoice := false;
        PurchaseHeader.Modify(true);
        SetQuantities(PurchaseHeader, Wanted);
        PurchPost.Run(PurchaseHeader);

        PurchRcptHeader.FindLast();
        exit(PurchRcptHeader."No.");
    end;

    /// <summary>Puts receipt lines on a draft invoice, so that the order is invoiced by it.
    /// Lines: [{"receipt": "107001", "lineNumber": 10000, "quantity": 5, "unitCost": 12.5}].</summary>
    procedure LinkReceipts(invoiceId: Guid; lines: Text)
    var
        PurchaseHeader: Record "Purchase Header";
        Line: JsonToken;
    begin
        PurchaseHeader.LockTable();
        PurchaseHeader.GetBySystemId(invoiceId);
        PurchaseHeader.TestField("Document Type", PurchaseHeader."Document Type"::Invoice);
        foreach Line in ArrayOf(lines) do
            LinkOne(PurchaseHeader, Line.AsObject());
    end;

    /// <summary>Changes quantity and price of a line of a released order: reopens it, changes, releases it again.
    /// A workflow that forbids reopening refuses here, as it does for a person.</summary>
    procedure AmendOrderLine(orderNumber: Text; lineNumber: Integer; quantity: Decimal; unitCost: Decimal)
    var
        PurchaseHeader: Record "Purchase Header";
        PurchaseLine: Record "Purchase Line";
        ReleasePurchaseDocument: Codeunit "Release Purchase Document";
        WasReleased: Boolean;
    begin
        PurchaseHeader.LockTable();
        PurchaseHeader.Get(PurchaseHeader."Document Type"::Order, orderNumber);
        WasReleased := PurchaseHeader.Status = PurchaseHeader.Status::Released;
        if WasReleased then
            ReleasePurchaseDocument.PerformManualReopen(PurchaseHeader);
        PurchaseLine.Get(PurchaseLine."Document Type"::Order, orderNumber, lineNumber);
        if (quantity < PurchaseLine."Quantity Received") or (quantity < PurchaseLine."Quantity Invoiced") then
            Error(BelowErr, quantity, lineNumber);
        PurchaseLine.Validate(Quantity, quantity);
        PurchaseLine.Validate("Direct Unit Cost", unitCost);
        PurchaseLine.Modify(true);
        if WasReleased then begin
            PurchaseHeader.Find();
            ReleasePurchaseDocument.PerformManualRelease(PurchaseHeader);
        end;
    end;

    local procedure LinkOne(PurchaseHeader: Record "Purchase Header"; Line: JsonObject)
    var
        PurchRcptLine: Record "Purch. Rcpt. Line";
        PurchaseLine: Record "Purchase Line";
        PurchGetReceipt: Codeunit "Purch.-Get Receipt";
        Receipt: Code[20];
        LineNumber: Integer;
    begin
        Receipt := CopyStr(ValueOf(Line, 'receipt').AsText(), 1, MaxStrLen(Receipt));
        LineNumber := ValueOf(Line, 'lineNumber').AsInteger();
        PurchaseLine.SetRange("Document Type", PurchaseLine."Document Type"::Invoice);
        PurchaseLine.SetRange("Receipt No.", Receipt);
        PurchaseLine.SetRange("Receipt Line No.", LineNumber);
        if PurchaseLine.FindFirst() then
            Error(LinkedBeforeErr, Receipt, LineNumber, PurchaseLine."Document No.");

        PurchRcptLine.SetRange("Document No.", Receipt);
        PurchRcptLine.SetRange("Line No.", LineNumber);
        PurchGetReceipt.SetPurchHeader(PurchaseHeader);
        PurchGetReceipt.CreateInvLines(PurchRcptLine);

        PurchaseLine.SetRange("Document No.", PurchaseHeader."No.");
        PurchaseLine.FindFirst();
        PurchaseLine.Validate(Quantity, ValueOf(Line, 'quantity').AsDecimal());
        PurchaseLine.Validate("Direct Unit Cost", ValueOf(Line, 'unitCost').AsDecimal());
        PurchaseLine.Modify(true);
    end;

    local procedure SetQuantities(PurchaseHeader: Record "Purchase Header"; Wanted: Dictionary of [Integer, Decimal])
    var
        PurchaseLine: Record "Purchase Line";
        Quantity: Decimal;
        Found: Integer;
    begin
        PurchaseLine.SetRange("Document Type", PurchaseHeader."Document Type");
        PurchaseLine.SetRange("Document No.", PurchaseHeader."No.");
        PurchaseLine.SetFilter(Type, '<>%1', PurchaseLine.Type::" ");
        if PurchaseLine.FindSet(true) then
            repeat
                Quantity := 0;
                if Wanted.Get(PurchaseLine."Line No.", Quantity) then
                    Found += 1;
                PurchaseLine.Validate("Qty. to Receive", Quantity);
                PurchaseLine.Modify(true);
            until PurchaseLine.Next() = 0;
        if (Found = 0) or (Found <> Wanted.Count()) then
            Error(NothingErr);
    end;

    local procedure QuantitiesOf(Lines: Text) Wanted: Dictionary of [Integer, Decimal]
    var
        Line: JsonToken;
    begin
        foreach Line in ArrayOf(Lines) do
            Wanted.Add(
                ValueOf(Line.AsObject(), 'lineNumber').AsInteger(), ValueOf(Line.AsObject(), 'quantity').AsDecimal());
    end;

    local procedure ArrayOf(Lines: Text) Found: JsonArray
    begin
        if not Found.ReadFrom(Lines) then
            Error(LinesErr);
    end;

    local procedure ValueOf(Line: JsonObject; Name: Text): JsonValue
    var
        Token: JsonToken;
    begin
        if not Line.Get(Name, Token) then
            Error(LinesErr);
        exit(Token.AsValue());
    end;
}
